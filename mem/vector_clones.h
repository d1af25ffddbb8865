// SPDX-License-Identifier: Apache-2.0
#pragma once

// Compiles a function twice, for processors with and without AVX2; the right one is picked when the
// program is loaded. For loops over integers, which give the same result either way.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && \
    !defined(__SANITIZE_ADDRESS__)
#define ORRERY_VECTOR_CLONES __attribute__((target_clones("avx2", "default")))
#else
#define ORRERY_VECTOR_CLONES
#endif
