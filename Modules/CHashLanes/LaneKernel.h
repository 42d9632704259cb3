// SPDX-License-Identifier: Apache-2.0
// What the kernels of this target have in common.
#ifndef RUCHE_LANE_KERNEL_H
#define RUCHE_LANE_KERNEL_H

#include "CHashLanes.h"
#include "Constants.h"

/// Takes `blocks` blocks of each of the kernel's lanes. A lane that is not needed gets another's data, and a state that
/// nobody looks at.
typedef void lane_function(hash_lanes_state *const *states, const uint8_t *const *data, size_t blocks);

/// What a kernel needs of the processor and the system.
typedef enum {
    FEATURE_AVX2 = 1,
    FEATURE_AVX512 = 2,
    /// The instructions for both algorithms, x86's or Arm's.
    FEATURE_SHA = 4,
    FEATURES_KNOWN = 8,
} lane_features;

/// The features of this machine, found out once.
unsigned lane_features_here(void);

typedef struct {
    const char *name;
    lane_function *run;
    /// Lanes, at most HASH_LANES_MAX_WIDTH.
    size_t width;
    unsigned needs;
    /// From this many filled lanes on it is faster than the kernels after it, where the processor has instructions for
    /// SHA and where not; 0 for never.
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
