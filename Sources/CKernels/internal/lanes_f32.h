#ifndef CREDENCE_LANES_F32_H
#define CREDENCE_LANES_F32_H
#define REAL float
#define ELEMENT f32
#define LANES 16
#define SIGNED int32_t
#define UNSIGNED uint32_t
#include "internal/lanes.inc"
#include "internal/elementary_f32.inc"
#include "internal/elementary.inc"
#undef REAL
#undef ELEMENT
#undef LANES
#undef SIGNED
#undef UNSIGNED
#endif
