// SPDX-License-Identifier: Apache-2.0
#ifndef RUCHE_LANE_KERNELS_H
#define RUCHE_LANE_KERNELS_H

#include "LaneKernel.h"

/// All kernels for `algorithm`, the fastest with all lanes filled first. The last is OpenSSL, which runs everywhere and
/// pays from one message on.
const lane_kernel *all_kernels(hash_lanes_algorithm algorithm, size_t *count);

/// What takes `count` waiting messages fastest on this machine.
const lane_kernel *best_kernel(hash_lanes_algorithm algorithm, size_t count);

/// The kernel at `index` of those that this machine can run; the last one beyond the end.
const lane_kernel *kernel_here(hash_lanes_algorithm algorithm, size_t index);

#endif
