// Layer normalisation (Ba, Kiros and Hinton 2016) over the columns of each row, with the variance of the whole row
// (divided by columns), and its gradients.

#define CREDENCE_TEMPLATE "layer_norm.inc"
#include "internal/instantiate.h"
