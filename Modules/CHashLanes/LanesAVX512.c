// SPDX-License-Identifier: Apache-2.0
#if defined(__x86_64__)
#include "LaneKernel.h"

#define LANES 16
#define SHA1_LANES sha1_lanes_avx512
#define SHA256_LANES sha256_lanes_avx512

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl"))), apply_to = function)
#include "LaneVectors.h"
#include "SHA1Lanes.h"
#include "SHA256Lanes.h"
#pragma clang attribute pop
#endif
