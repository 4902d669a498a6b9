#include "CKernels.h"
#include <math.h>
#define REAL float
#define SUF f32
#include "placeholder.inc"
#define REAL double
#define SUF f64
#include "placeholder.inc"
void credence_half_to_f32(float *y, const uint16_t *x, size_t n){for(size_t i=0;i<n;i++){_Float16 h;__builtin_memcpy(&h,x+i,2);y[i]=h;}}
void credence_half_to_f64(double *y, const uint16_t *x, size_t n){for(size_t i=0;i<n;i++){_Float16 h;__builtin_memcpy(&h,x+i,2);y[i]=h;}}
void credence_f32_to_half(uint16_t *y, const float *x, size_t n){for(size_t i=0;i<n;i++){_Float16 h=x[i];__builtin_memcpy(y+i,&h,2);}}
void credence_f64_to_half(uint16_t *y, const double *x, size_t n){for(size_t i=0;i<n;i++){_Float16 h=x[i];__builtin_memcpy(y+i,&h,2);}}
void credence_bfloat16_to_f32(float *y, const uint16_t *x, size_t n){for(size_t i=0;i<n;i++){uint32_t u=(uint32_t)x[i]<<16;__builtin_memcpy(y+i,&u,4);}}
void credence_bfloat16_to_f64(double *y, const uint16_t *x, size_t n){for(size_t i=0;i<n;i++){float f;credence_bfloat16_to_f32(&f,x+i,1);y[i]=f;}}
void credence_f32_to_bfloat16(uint16_t *y, const float *x, size_t n){for(size_t i=0;i<n;i++){uint32_t u;__builtin_memcpy(&u,x+i,4);y[i]=(u+0x7fff+((u>>16)&1))>>16;}}
void credence_f64_to_bfloat16(uint16_t *y, const double *x, size_t n){for(size_t i=0;i<n;i++){float f=x[i];credence_f32_to_bfloat16(y+i,&f,1);}}
