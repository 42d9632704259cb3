// SPDX-License-Identifier: Apache-2.0
#include "CWideLanes.h"

#include "../../Modules/CHashLanes/Constants.h"

// Such vectors are passed between inlined functions only.
#pragma clang diagnostic ignored "-Wpsabi"

#define LANES 16
#define SHA1_LANES wide_lanes_sha1
#define SHA256_LANES wide_lanes_sha256

#include "../../Modules/CHashLanes/LaneVectors.h"
#include "../../Modules/CHashLanes/SHA1Lanes.h"
#include "../../Modules/CHashLanes/SHA256Lanes.h"
