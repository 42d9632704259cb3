// SPDX-License-Identifier: Apache-2.0
#ifndef RUCHE_LANE_KERNELS_H
#define RUCHE_LANE_KERNELS_H

#include "LaneKernel.h"

/// All kernels for `algorithm`, ordered by speed with all lanes filled, fastest first. The last is OpenSSL, which runs
/// on every processor and pays from one message on.
const lane_kernel *all_kernels(hash_lanes_algorithm algorithm, size_t *count);

/// The fastest kernel on this machine for `count` waiting messages.
const lane_kernel *best_kernel(hash_lanes_algorithm algorithm, size_t count);

/// The kernel at `index` among those that this machine can run; the last one if `index` is beyond the end.
const lane_kernel *kernel_here(hash_lanes_algorithm algorithm, size_t index);

#endif
