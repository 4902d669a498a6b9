// Exponentials of a block of logits with what entropies are made of.
#ifndef CREDENCE_EXPONENTIALS_H
#define CREDENCE_EXPONENTIALS_H

#include "internal/lanes_f32.h"

// z → e^(z − largest), added to `total`, and times z − largest to `moment`. Below −200 the exponential is 0, and a masked
// class (−∞) must not make 0·∞.
INLINE void exponentials(block_f32 *z, float largest, block_f32 *total, block_f32 *moment) {
  const block_f32 shifted = __builtin_elementwise_max(*z - largest, (block_f32)-200.0f);
  *z = shifted;
  exp_of_nonpositive_f32(z);
  *total += *z;
  *moment += *z * shifted;
}

#endif
