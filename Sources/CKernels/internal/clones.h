// CLONES before a function compiles it for the baseline, AVX2 and AVX-512; the loader takes the best for the processor.
#ifndef CREDENCE_CLONES_H
#define CREDENCE_CLONES_H

#if defined(__x86_64__) && defined(__linux__)
#define CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define CLONES
#endif

#endif
