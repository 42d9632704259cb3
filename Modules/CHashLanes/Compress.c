// SPDX-License-Identifier: Apache-2.0
#include "Kernels.h"

/// Messages that are being hashed, each in a lane.
typedef struct {
    hash_lanes_work lanes[HASH_LANES_MAX_WIDTH];
    size_t count;
} lane_set;

/// Runs `kernel` on the first messages of `set`, as many as it has lanes, until one of them ends.
static void advance(lane_set *set, const lane_kernel *kernel) {
    hash_lanes_state spare, *states[HASH_LANES_MAX_WIDTH];
    const uint8_t *data[HASH_LANES_MAX_WIDTH];
    const size_t filled = set->count < kernel->width ? set->count : kernel->width;
    size_t blocks = set->lanes[0].blocks;
    if (filled < kernel->width) spare = *set->lanes[0].state;
    for (size_t i = 0; i < kernel->width; i++) {
        states[i] = i < filled ? set->lanes[i].state : &spare;
        data[i] = set->lanes[i < filled ? i : 0].data;
        if (i < filled && set->lanes[i].blocks < blocks) blocks = set->lanes[i].blocks;
    }
    kernel->run(states, data, blocks);

    for (size_t i = 0; i < filled; i++) {
        set->lanes[i].data += blocks * HASH_LANES_BLOCK_BYTES;
        set->lanes[i].blocks -= blocks;
    }
    size_t kept = 0;
    for (size_t i = 0; i < set->count; i++) {
        if (set->lanes[i].blocks > 0) set->lanes[kept++] = set->lanes[i];
    }
    set->count = kept;
}

/// If `forced` is null, chooses the best kernel for the number of waiting messages at each step.
static void compress(
    hash_lanes_algorithm algorithm,
    const lane_kernel *forced,
    const hash_lanes_work *work,
    size_t count
) {
    lane_set set = {.count = 0};
    size_t next = 0;
    while (true) {
        for (; set.count < HASH_LANES_MAX_WIDTH && next < count; next++) {
            if (work[next].blocks > 0) set.lanes[set.count++] = work[next];
        }
        if (set.count == 0) return;
        advance(&set, forced ? forced : best_kernel(algorithm, set.count));
    }
}

void hash_lanes_compress(hash_lanes_algorithm algorithm, const hash_lanes_work *work, size_t count) {
    compress(algorithm, NULL, work, count);
}

size_t hash_lanes_width(hash_lanes_algorithm algorithm) { return best_kernel(algorithm, HASH_LANES_MAX_WIDTH)->width; }

const char *hash_lanes_kernel_name(hash_lanes_algorithm algorithm, size_t count) {
    return best_kernel(algorithm, count)->name;
}

size_t hash_lanes_kernel_count(hash_lanes_algorithm algorithm) {
    size_t all, found = 0;
    const lane_kernel *kernels = all_kernels(algorithm, &all);
    for (size_t i = 0; i < all; i++) found += (kernels[i].needs & ~lane_features_here()) == 0;
    return found;
}

const char *hash_lanes_kernel_name_at(hash_lanes_algorithm algorithm, size_t index) {
    return kernel_here(algorithm, index)->name;
}

void hash_lanes_compress_with(
    hash_lanes_algorithm algorithm,
    size_t index,
    const hash_lanes_work *work,
    size_t count
) {
    compress(algorithm, kernel_here(algorithm, index), work, count);
}
