// Compiles the kernel template named by CREDENCE_TEMPLATE four times: for float and double, once for the machine the
// program finds itself on and once for the baseline alone (`…_baseline`, so that the tests reach that path anywhere).
//
// Where `target_clones` is missing (not ELF, not x86-64, where the baseline is already a vector machine) the two are
// the same code.

#include "CKernels.h"
#include "internal/lanes_f32.h"
#include "internal/lanes_f64.h"

#if defined(__x86_64__) && defined(__ELF__) && defined(__has_attribute)
#if __has_attribute(target_clones)
// `arch=haswell` would fall back to the baseline on AMD machines without a word; the numbered levels do not.
#define CREDENCE_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#endif
#endif
#ifndef CREDENCE_CLONES
#define CREDENCE_CLONES
#endif

// Products and sums may fuse; nothing is reordered.
#pragma clang fp contract(fast)

#define CREDENCE_JOIN_(a, b) a##b
#define CREDENCE_JOIN(a, b) CREDENCE_JOIN_(a, b)
// KERNEL(exp_) is the public credence_exp_f32 and so on; T(exp_) the inline function of the element type.
#define KERNEL(name) CREDENCE_JOIN(credence_##name, SUFFIX)
#define BLOCK T(block_)
#define LANES ((size_t)T(lanes_))

#define DISPATCH CREDENCE_CLONES
#define REAL float
#define ELEMENT f32
#define SUFFIX f32
#include CREDENCE_TEMPLATE
#undef REAL
#undef ELEMENT
#undef SUFFIX
#define REAL double
#define ELEMENT f64
#define SUFFIX f64
#include CREDENCE_TEMPLATE
#undef REAL
#undef ELEMENT
#undef SUFFIX
#undef DISPATCH

#define DISPATCH
#define REAL float
#define ELEMENT f32
#define SUFFIX f32_baseline
#include CREDENCE_TEMPLATE
#undef REAL
#undef ELEMENT
#undef SUFFIX
#define REAL double
#define ELEMENT f64
#define SUFFIX f64_baseline
#include CREDENCE_TEMPLATE
