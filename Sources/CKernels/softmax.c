// Softmax and its relatives, row by row.
//
// Every row is shifted by its largest entry, so entries of any size are safe and −∞ masks a class (probability exactly
// 0). A row that holds NaN or +∞, and a row of nothing but −∞, has no softmax: NaN throughout (log-sum-exp: NaN, +∞
// and −∞ in turn). Probabilities below the smallest normal number are 0.

#include <math.h>
#define CREDENCE_TEMPLATE "softmax.inc"
#include "internal/instantiate.h"
