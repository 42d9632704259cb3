// SPDX-License-Identifier: Apache-2.0
// SHA-1 and SHA-256 (FIPS 180-4) of several messages at once, by the kernels that this processor runs best.
//
// A kernel takes whole blocks of several messages, each message in a lane of its own. The kernels of an algorithm are
// chosen once a process. What fills too few lanes to gain by them goes to OpenSSL, one message after the other.
// Padding is the caller's.
#ifndef RUCHE_HASH_LANES_H
#define RUCHE_HASH_LANES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Bytes in a block of either algorithm.
#define HASH_LANES_BLOCK_BYTES 64
/// Lanes in the widest kernel.
#define HASH_LANES_MAX_WIDTH 16

typedef enum { HASH_LANES_SHA1 = 0, HASH_LANES_SHA256 = 1 } hash_lanes_algorithm;

/// A message between two blocks: the words of FIPS 180-4; SHA-1 uses the first five.
typedef struct {
    uint32_t words[8];
} hash_lanes_state;

/// Work for one lane: `blocks` whole blocks at `data`, of any alignment, go into `state`.
typedef struct {
    hash_lanes_state *_Nonnull state;
    const uint8_t *_Nullable data;
    size_t blocks;
} hash_lanes_work;

/// The state of an empty message.
hash_lanes_state hash_lanes_initial_state(hash_lanes_algorithm algorithm);

/// Does all of `work`. No two may share a state.
void hash_lanes_compress(hash_lanes_algorithm algorithm, const hash_lanes_work *_Nullable work, size_t count);

/// Messages that should wait together, so that the best kernel here is full; 1 where OpenSSL is best.
size_t hash_lanes_width(hash_lanes_algorithm algorithm);

/// The name of what takes `count` messages here.
const char *_Nonnull hash_lanes_kernel_name(hash_lanes_algorithm algorithm, size_t count);

// For tests: every kernel by itself.

/// How many kernels this processor could run, whether or not they are chosen.
size_t hash_lanes_kernel_count(hash_lanes_algorithm algorithm);
/// Their names, by index.
const char *_Nonnull hash_lanes_kernel_name_at(hash_lanes_algorithm algorithm, size_t index);
/// As `hash_lanes_compress`, with the kernel at `index` for all of the work, however few lanes that fills.
void hash_lanes_compress_with(
    hash_lanes_algorithm algorithm,
    size_t index,
    const hash_lanes_work *_Nullable work,
    size_t count
);

#endif
