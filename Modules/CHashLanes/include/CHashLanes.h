// SPDX-License-Identifier: Apache-2.0
// SHA-1 and SHA-256 (FIPS 180-4) of several messages at once, with the fastest kernels that this processor can run.
//
// A kernel hashes whole blocks of several messages, each in its own lane. The features of the processor are detected
// once per process; the kernel for each step is chosen by them and by the number of waiting messages. Messages that
// would fill too few lanes go to OpenSSL, one at a time. The caller pads the messages.
#ifndef RUCHE_HASH_LANES_H
#define RUCHE_HASH_LANES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// The size of a block in bytes, for both algorithms.
#define HASH_LANES_BLOCK_BYTES 64
/// The number of lanes of the widest kernel.
#define HASH_LANES_MAX_WIDTH 16

typedef enum { HASH_LANES_SHA1 = 0, HASH_LANES_SHA256 = 1 } hash_lanes_algorithm;

/// The state of a message between two blocks: the words of FIPS 180-4, of which SHA-1 uses the first five.
typedef struct {
    uint32_t words[8];
} hash_lanes_state;

/// Work for one lane: hash `blocks` whole blocks at `data` into `state`. `data` needs no alignment.
typedef struct {
    hash_lanes_state *_Nonnull state;
    const uint8_t *_Nullable data;
    size_t blocks;
} hash_lanes_work;

/// The state of an empty message.
hash_lanes_state hash_lanes_initial_state(hash_lanes_algorithm algorithm);

/// Does all of `work`. No two entries may share a state.
void hash_lanes_compress(hash_lanes_algorithm algorithm, const hash_lanes_work *_Nullable work, size_t count);

/// How many messages fill the best kernel of this machine; 1 if that is OpenSSL.
size_t hash_lanes_width(hash_lanes_algorithm algorithm);

/// The name of the kernel that this machine uses for `count` messages.
const char *_Nonnull hash_lanes_kernel_name(hash_lanes_algorithm algorithm, size_t count);

// For tests of individual kernels.

/// The number of kernels that this processor can run, whether or not they are ever chosen.
size_t hash_lanes_kernel_count(hash_lanes_algorithm algorithm);
/// The name of the kernel at `index`.
const char *_Nonnull hash_lanes_kernel_name_at(hash_lanes_algorithm algorithm, size_t index);
/// Like `hash_lanes_compress`, but with the kernel at `index` for all of the work, however few lanes it fills.
void hash_lanes_compress_with(
    hash_lanes_algorithm algorithm,
    size_t index,
    const hash_lanes_work *_Nullable work,
    size_t count
);

#endif
