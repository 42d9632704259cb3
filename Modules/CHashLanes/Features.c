// SPDX-License-Identifier: Apache-2.0
#include "LaneKernel.h"

#if defined(__x86_64__)
#include <cpuid.h>

/// The registers that the operating system saves on a context switch (XCR0).
static unsigned saved_registers(void) {
    unsigned low, high;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return low;
}

static unsigned find_features(void) {
    unsigned a, b, c, d, found = 0;
    if (!__get_cpuid(1, &a, &b, &c, &d)) return 0;
    const unsigned has_ssse3 = c & (1u << 9), has_sse41 = c & (1u << 19), has_xgetbv = c & (1u << 27);
    const unsigned saved = has_xgetbv ? saved_registers() : 0;
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d)) return 0;
    const unsigned ymm = 0x06, zmm = 0xe6, avx512_f_bw_vl = 1u << 16 | 1u << 30 | 1u << 31;
    if ((saved & ymm) == ymm && (b & (1u << 5))) found |= FEATURE_AVX2;
    if ((saved & zmm) == zmm && (b & avx512_f_bw_vl) == avx512_f_bw_vl) found |= FEATURE_AVX512;
    if (has_ssse3 && has_sse41 && (b & (1u << 29))) found |= FEATURE_SHA;
    return found;
}
#elif defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>

static unsigned find_features(void) {
    const unsigned long sha1_and_sha2 = 1ul << 5 | 1ul << 6;
    return (getauxval(AT_HWCAP) & sha1_and_sha2) == sha1_and_sha2 ? FEATURE_SHA : 0;
}
#elif defined(__aarch64__) && defined(__APPLE__)
// All of Apple's arm64 processors have the instructions.
static unsigned find_features(void) { return FEATURE_SHA; }
#else
static unsigned find_features(void) { return 0; }
#endif

unsigned lane_features_here(void) {
    // Several threads may detect the features at once; they all get the same result.
    static unsigned known = 0;
    unsigned features = __atomic_load_n(&known, __ATOMIC_RELAXED);
    if (features == 0) {
        features = find_features() | FEATURES_KNOWN;
        __atomic_store_n(&known, features, __ATOMIC_RELAXED);
    }
    return features;
}
