// SPDX-License-Identifier: Apache-2.0
// Declarations shared by the kernels of this target.
#ifndef RUCHE_LANE_KERNEL_H
#define RUCHE_LANE_KERNEL_H

#include "CHashLanes.h"
#include "Constants.h"

/// Hashes `blocks` blocks in each lane of the kernel. An unused lane is given the data of another message and a spare
/// state, whose result is discarded.
typedef void lane_function(hash_lanes_state *const *states, const uint8_t *const *data, size_t blocks);

/// Processor features that a kernel needs.
typedef enum {
    FEATURE_AVX2 = 1,
    FEATURE_AVX512 = 2,
    /// The SHA instructions for both algorithms, of x86 or Arm.
    FEATURE_SHA = 4,
    FEATURES_KNOWN = 8,
} lane_features;

/// The features of this machine, detected once per process.
unsigned lane_features_here(void);

typedef struct {
    const char *name;
    lane_function *run;
    /// The number of lanes, at most HASH_LANES_MAX_WIDTH.
    size_t width;
    unsigned needs;
    /// The number of filled lanes from which this kernel is faster than those after it, on processors with and without
    /// SHA instructions; 0 for never.
    size_t pays_beside_sha, pays_otherwise;
} lane_kernel;

extern lane_function sha1_lanes_portable, sha256_lanes_portable, sha1_one_stream, sha256_one_stream;
#if defined(__x86_64__)
extern lane_function sha1_lanes_avx512, sha256_lanes_avx512, sha1_lanes_avx2, sha256_lanes_avx2;
extern lane_function sha1_streams2_shani, sha1_streams4_shani, sha256_streams2_shani, sha256_streams4_shani;
#elif defined(__aarch64__)
extern lane_function sha1_streams2_arm, sha256_streams2_arm;
#endif

#endif
