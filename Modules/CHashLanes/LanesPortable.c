// SPDX-License-Identifier: Apache-2.0
#include "LaneKernel.h"

#define LANES 4
#define SHA1_LANES sha1_lanes_portable
#define SHA256_LANES sha256_lanes_portable

#include "LaneVectors.h"
#include "SHA1Lanes.h"
#include "SHA256Lanes.h"
