// Functions of one element and the small arithmetic of equal shapes.

#define CREDENCE_TEMPLATE "elementwise.inc"
#include "internal/instantiate.h"
