#ifndef CREDENCE_LANES_F64_H
#define CREDENCE_LANES_F64_H
#define REAL double
#define ELEMENT f64
#define LANES 8
// `long`, the type of vector comparisons of double on 64-bit systems.
#define SIGNED long
#define UNSIGNED unsigned long
#include "internal/lanes.inc"
#include "internal/elementary_f64.inc"
#include "internal/elementary.inc"
#undef REAL
#undef ELEMENT
#undef LANES
#undef SIGNED
#undef UNSIGNED
#endif
