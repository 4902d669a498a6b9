#include "CKernels.h"
#include <math.h>
static inline void round10(uint32_t *c, uint32_t k0, uint32_t k1) {
  for (int r = 0; r < 10; r++) {
    uint64_t a = (uint64_t)0xD2511F53u * c[0], b = (uint64_t)0xCD9E8D57u * c[2];
    uint32_t n0 = (uint32_t)(b >> 32) ^ c[1] ^ k0, n2 = (uint32_t)(a >> 32) ^ c[3] ^ k1;
    c[1] = (uint32_t)b; c[3] = (uint32_t)a; c[0] = n0; c[2] = n2;
    k0 += 0x9E3779B9u; k1 += 0xBB67AE85u;
  }
}
void credence_philox4x32_10(uint32_t *out, const uint32_t *counter, const uint32_t *key) {
  for (int i = 0; i < 4; i++) out[i] = counter[i];
  round10(out, key[0], key[1]);
}
static double normal_at(uint64_t seed, uint64_t stream, uint64_t i) {
  uint64_t block = i >> 2; int j = (int)(i & 3);
  uint32_t c[4] = {(uint32_t)block, (uint32_t)(block >> 32), (uint32_t)stream, (uint32_t)(stream >> 32)};
  round10(c, (uint32_t)seed, (uint32_t)(seed >> 32));
  double u = (c[j & 2] + 1.0) / 4294967296.0, v = c[(j & 2) + 1] / 4294967296.0, r = sqrt(-2 * log(u)), t = 6.283185307179586 * v;
  return (j & 1) ? r * sin(t) : r * cos(t);
}
void credence_philox_normal_f32(float *y, size_t n, uint64_t s, uint64_t t, uint64_t o){for(size_t i=0;i<n;i++)y[i]=(float)normal_at(s,t,o+i);}
void credence_philox_normal_f64(double *y, size_t n, uint64_t s, uint64_t t, uint64_t o){for(size_t i=0;i<n;i++)y[i]=normal_at(s,t,o+i);}
