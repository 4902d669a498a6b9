// Products of few rows with a large matrix, without packing.
//
// A general product first copies the large operand into panels, which pays when each panel is used many times. With ten
// rows (the classes of one task) the copy takes longer than the arithmetic; these kernels read the matrix where it lies.

#include "CKernels.h"

#pragma clang fp contract(fast)

#if defined(__x86_64__) && defined(__linux__)

typedef float lanes8 __attribute__((vector_size(32), aligned(4), may_alias));
typedef float lanes16 __attribute__((vector_size(64), aligned(4), may_alias));

#define INLINE static inline __attribute__((always_inline))
#define UNROLL _Pragma("clang loop unroll(full)")

INLINE __attribute__((target("avx2,fma"))) float sum8(lanes8 v) {
  float s[8];
  __builtin_memcpy(s, &v, sizeof s);
  return ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]));
}

INLINE __attribute__((target("arch=x86-64-v4"))) float sum16(lanes16 v) {
  lanes8 half = __builtin_shufflevector(v, v, 0, 1, 2, 3, 4, 5, 6, 7) +
                __builtin_shufflevector(v, v, 8, 9, 10, 11, 12, 13, 14, 15);
  float s[8];
  __builtin_memcpy(s, &half, sizeof s);
  return ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]));
}

enum { DEPTH = 512 };

// c[rows, n] = alpha·x[rows, k]·w[n, k]ᵀ + beta·c. Tiles of TW·TX dot products in registers; a tile at an edge repeats
// its last row. The depth is cut so that TW rows of w stay in the first-level cache.
#define TIMES_TRANSPOSED(NAME, TARGET, LANES, L, SUM, TW, TX)                                                          \
  __attribute__((target(TARGET))) static void NAME(float *c, size_t ldc, const float *x, size_t ldx, const float *w,   \
                                                   size_t ldw, size_t rows, size_t n, size_t k, float alpha,           \
                                                   float beta) {                                                       \
    for (size_t start = 0; start < k || start == 0; start += DEPTH) {                                                  \
      const size_t depth = k - start < DEPTH ? k - start : DEPTH, whole = depth / L * L;                               \
      const float factor = start == 0 ? beta : 1;                                                                      \
      for (size_t o = 0; o < n; o += TW) {                                                                             \
        const float *wr[TW];                                                                                           \
        UNROLL for (int a = 0; a < TW; a++) wr[a] = w + (o + a < n ? o + a : n - 1) * ldw + start;                     \
        for (size_t r = 0; r < rows; r += TX) {                                                                        \
          const float *xr[TX];                                                                                         \
          UNROLL for (int b = 0; b < TX; b++) xr[b] = x + (r + b < rows ? r + b : rows - 1) * ldx + start;             \
          LANES acc[TW][TX];                                                                                           \
          UNROLL for (int a = 0; a < TW; a++) UNROLL for (int b = 0; b < TX; b++) acc[a][b] = (LANES){0};              \
          for (size_t i = 0; i < whole; i += L) {                                                                      \
            LANES wv[TW];                                                                                              \
            UNROLL for (int a = 0; a < TW; a++) wv[a] = *(const LANES *)(wr[a] + i);                                   \
            if (r == 0) {                                                                                              \
              UNROLL for (int a = 0; a < TW; a++) __builtin_prefetch(wr[a] + TW * ldw + i);                            \
            }                                                                                                          \
            UNROLL for (int b = 0; b < TX; b++) {                                                                      \
              const LANES xv = *(const LANES *)(xr[b] + i);                                                            \
              UNROLL for (int a = 0; a < TW; a++) acc[a][b] += wv[a] * xv;                                             \
            }                                                                                                          \
          }                                                                                                            \
          UNROLL for (int b = 0; b < TX; b++) {                                                                        \
            if (r + b >= rows) break;                                                                                  \
            UNROLL for (int a = 0; a < TW; a++) {                                                                      \
              if (o + a >= n) break;                                                                                   \
              float sum = SUM(acc[a][b]);                                                                              \
              for (size_t i = whole; i < depth; i++) sum += wr[a][i] * xr[b][i];                                       \
              float *target = c + (r + b) * ldc + o + a;                                                               \
              *target = alpha * sum + (factor == 0 ? 0 : factor * *target);                                            \
            }                                                                                                          \
          }                                                                                                            \
        }                                                                                                              \
      }                                                                                                                \
    }                                                                                                                  \
  }

// c[rows, n] = alpha·x[rows, k]·w[k, n] + beta·c: rows of w are taken DEEP at a time, in the order in which they lie, and
// added to c, which stays in the first-level cache.
#define TIMES_STORED(NAME, TARGET, LANES, L, DEEP)                                                                     \
  __attribute__((target(TARGET))) static void NAME(float *c, size_t ldc, const float *x, size_t ldx, const float *w,   \
                                                   size_t ldw, size_t rows, size_t n, size_t k, float alpha,           \
                                                   float beta) {                                                       \
    const size_t whole = n / L * L;                                                                                    \
    for (size_t r = 0; r < rows; r++) {                                                                                \
      for (size_t j = 0; j < n; j++) c[r * ldc + j] = beta == 0 ? 0 : beta * c[r * ldc + j];                           \
    }                                                                                                                  \
    size_t i = 0;                                                                                                      \
    for (; i + DEEP <= k; i += DEEP) {                                                                                 \
      const float *panel = w + i * ldw;                                                                                \
      for (size_t j = 0; j < whole; j += L) {                                                                          \
        LANES wv[DEEP];                                                                                                \
        UNROLL for (int a = 0; a < DEEP; a++) {                                                                        \
          wv[a] = *(const LANES *)(panel + a * ldw + j);                                                               \
          __builtin_prefetch(panel + (a + DEEP) * ldw + j);                                                            \
        }                                                                                                              \
        for (size_t r = 0; r < rows; r++) {                                                                            \
          const float *xr = x + r * ldx + i;                                                                           \
          LANES *target = (LANES *)(c + r * ldc + j);                                                                  \
          LANES first = wv[0] * xr[0], second = wv[1] * xr[1];                                                         \
          UNROLL for (int a = 2; a < DEEP; a += 2) {                                                                   \
            first += wv[a] * xr[a];                                                                                    \
            second += wv[a + 1] * xr[a + 1];                                                                           \
          }                                                                                                            \
          *target += alpha * (first + second);                                                                         \
        }                                                                                                              \
      }                                                                                                                \
    }                                                                                                                  \
    for (size_t rest = whole < n ? 0 : i; rest < k; rest++) {                                                          \
      for (size_t r = 0; r < rows; r++) {                                                                              \
        const float factor = alpha * x[r * ldx + rest];                                                                \
        for (size_t j = rest < i ? whole : 0; j < n; j++) c[r * ldc + j] += factor * w[rest * ldw + j];                \
      }                                                                                                                \
    }                                                                                                                  \
  }

// Registers decide the tiles: 32 of 16 lanes, or 16 of 8.
TIMES_TRANSPOSED(transposed_v4, "arch=x86-64-v4", lanes16, 16, sum16, 4, 5)
TIMES_TRANSPOSED(transposed_v3, "arch=x86-64-v3", lanes8, 8, sum8, 3, 4)
TIMES_STORED(stored_v4, "arch=x86-64-v4", lanes16, 16, 8)

static int level(void) {
  static int known;  // 0 = not asked yet; the answer is the same whoever writes it
  int answer = __atomic_load_n(&known, __ATOMIC_RELAXED);
  if (answer == 0) {
    __builtin_cpu_init();
    answer = __builtin_cpu_supports("x86-64-v4") ? 4 : __builtin_cpu_supports("x86-64-v3") ? 3 : 1;
    __atomic_store_n(&known, answer, __ATOMIC_RELAXED);
  }
  return answer;
}

int credence_few_rows_f32(int w_transposed, float *c, size_t ldc, const float *x, size_t ldx, const float *w, size_t ldw,
                          size_t rows, size_t n, size_t k, float alpha, float beta) {
  if (level() < 3 || rows == 0 || n == 0 || k == 0) return 0;
  if (w_transposed) {
    (level() == 4 ? transposed_v4 : transposed_v3)(c, ldc, x, ldx, w, ldw, rows, n, k, alpha, beta);
  } else {
    if (level() < 4) return 0;  // with 16 registers of 8 lanes the general product is faster
    stored_v4(c, ldc, x, ldx, w, ldw, rows, n, k, alpha, beta);
  }
  return 1;
}

#else

int credence_few_rows_f32(int w_transposed, float *c, size_t ldc, const float *x, size_t ldx, const float *w, size_t ldw,
                          size_t rows, size_t n, size_t k, float alpha, float beta) {
  (void)w_transposed, (void)c, (void)ldc, (void)x, (void)ldx, (void)w, (void)ldw, (void)rows, (void)n, (void)k;
  (void)alpha, (void)beta;
  return 0;
}

#endif
