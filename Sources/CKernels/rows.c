// Row-wise changes: adding a row to every row, scaling rows to unit length, transposing.

#define CREDENCE_TEMPLATE "rows.inc"
#include "internal/instantiate.h"
