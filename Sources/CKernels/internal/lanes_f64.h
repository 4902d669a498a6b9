#ifndef CREDENCE_LANES_F64_H
#define CREDENCE_LANES_F64_H
#define REAL double
#define ELEMENT f64
#define LANES 8
#define SIGNED int64_t
#define UNSIGNED uint64_t
#include "internal/lanes.inc"
#include "internal/elementary_f64.inc"
#include "internal/elementary.inc"
#undef REAL
#undef ELEMENT
#undef LANES
#undef SIGNED
#undef UNSIGNED
#endif
