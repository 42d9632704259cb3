// SPDX-License-Identifier: Apache-2.0
// The kernels of sixteen lanes for any processor, so the code that runs with AVX-512 is tested without it.
#ifndef RUCHE_WIDE_LANES_H
#define RUCHE_WIDE_LANES_H

#include <CHashLanes.h>

/// Hashes `blocks` blocks at each of the sixteen `data` into the sixteen `states`.
void wide_lanes_sha1(hash_lanes_state *const *states, const uint8_t *const *data, size_t blocks);
void wide_lanes_sha256(hash_lanes_state *const *states, const uint8_t *const *data, size_t blocks);

#endif
