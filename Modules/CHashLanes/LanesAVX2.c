// SPDX-License-Identifier: Apache-2.0
#if defined(__x86_64__)
#include "LaneKernel.h"

#define LANES 8
#define SHA1_LANES sha1_lanes_avx2
#define SHA256_LANES sha256_lanes_avx2

#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)
#include "LaneVectors.h"
#include "SHA1Lanes.h"
#include "SHA256Lanes.h"
#pragma clang attribute pop
#endif
