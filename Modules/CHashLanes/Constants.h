// SPDX-License-Identifier: Apache-2.0
// The constants of FIPS 180-4.
#ifndef RUCHE_LANE_CONSTANTS_H
#define RUCHE_LANE_CONSTANTS_H

#include <stdint.h>

extern const uint32_t sha1_round_constants[4];
extern const uint32_t sha256_round_constants[64];

#endif
