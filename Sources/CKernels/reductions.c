// Sums, norms and largest entries. Additions run in an order fixed by the shape: LANES accumulators, folded in halves.

#define CREDENCE_TEMPLATE "reductions.inc"
#include "internal/instantiate.h"
