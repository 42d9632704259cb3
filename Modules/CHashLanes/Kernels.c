// SPDX-License-Identifier: Apache-2.0
#include "Kernels.h"

// docs/performance/hashing.md has the measurements behind these thresholds.

static const lane_kernel sha1_kernels[] = {
#if defined(__x86_64__)
    {"AVX-512, 16 lanes", sha1_lanes_avx512, 16, FEATURE_AVX512, 8, 9},
    {"SHA-NI, 4 streams", sha1_streams4_shani, 4, FEATURE_SHA, 3, 0},
    {"SHA-NI, 2 streams", sha1_streams2_shani, 2, FEATURE_SHA, 2, 0},
    {"AVX2, 8 lanes", sha1_lanes_avx2, 8, FEATURE_AVX2, 0, 3},
    {"SSE2, 4 lanes", sha1_lanes_portable, 4, 0, 0, 3},
#else
#if defined(__aarch64__)
    {"Arm SHA, 2 streams", sha1_streams2_arm, 2, FEATURE_SHA, 2, 0},
#endif
    {"portable, 4 lanes", sha1_lanes_portable, 4, 0, 0, 0},
#endif
    {"OpenSSL", sha1_one_stream, 1, 0, 1, 1},
};

static const lane_kernel sha256_kernels[] = {
#if defined(__x86_64__)
    {"AVX-512, 16 lanes", sha256_lanes_avx512, 16, FEATURE_AVX512, 10, 9},
    {"SHA-NI, 4 streams", sha256_streams4_shani, 4, FEATURE_SHA, 3, 0},
    {"SHA-NI, 2 streams", sha256_streams2_shani, 2, FEATURE_SHA, 2, 0},
    {"AVX2, 8 lanes", sha256_lanes_avx2, 8, FEATURE_AVX2, 0, 3},
    {"SSE2, 4 lanes", sha256_lanes_portable, 4, 0, 0, 0},
#else
#if defined(__aarch64__)
    {"Arm SHA, 2 streams", sha256_streams2_arm, 2, FEATURE_SHA, 2, 0},
#endif
    {"portable, 4 lanes", sha256_lanes_portable, 4, 0, 0, 0},
#endif
    {"OpenSSL", sha256_one_stream, 1, 0, 1, 1},
};

const lane_kernel *all_kernels(hash_lanes_algorithm algorithm, size_t *count) {
    if (algorithm == HASH_LANES_SHA1) {
        *count = sizeof sha1_kernels / sizeof *sha1_kernels;
        return sha1_kernels;
    }
    *count = sizeof sha256_kernels / sizeof *sha256_kernels;
    return sha256_kernels;
}

static bool runs_here(const lane_kernel *kernel) { return (kernel->needs & ~lane_features_here()) == 0; }

static bool pays(const lane_kernel *kernel, size_t count) {
    const bool has_sha = (lane_features_here() & FEATURE_SHA) != 0;
    const size_t from = has_sha ? kernel->pays_beside_sha : kernel->pays_otherwise;
    return from != 0 && count >= from;
}

const lane_kernel *best_kernel(hash_lanes_algorithm algorithm, size_t count) {
    size_t left;
    const lane_kernel *kernel = all_kernels(algorithm, &left);
    while (left > 1 && !(runs_here(kernel) && pays(kernel, count))) kernel++, left--;
    return kernel;
}

const lane_kernel *kernel_here(hash_lanes_algorithm algorithm, size_t index) {
    size_t left;
    const lane_kernel *kernel = all_kernels(algorithm, &left);
    while (left > 1 && !(runs_here(kernel) && index == 0)) {
        if (runs_here(kernel)) index--;
        kernel++, left--;
    }
    return kernel;
}
