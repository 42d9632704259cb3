// SPDX-License-Identifier: Apache-2.0
#if defined(__x86_64__)
#include "LaneKernel.h"

#pragma clang attribute push(__attribute__((target("sha,sse4.1"))), apply_to = function)
#include "SHANISteps.h"

#define EACH_STREAM UNROLLED for (int i = 0; i < count; i++)
#define EACH_GROUP(first, last) UNROLLED for (int g = first; g < last; g++) EACH_STREAM

SHANI_INLINE void sha1_streams(
    hash_lanes_state *const *states,
    const uint8_t *const *data,
    size_t blocks,
    const int count
) {
    sha1_stream s[4];
    EACH_STREAM sha1_stream_open(&s[i], states[i]);
    for (size_t block = 0; block < blocks; block++) {
        EACH_STREAM sha1_stream_begin_block(&s[i], data[i] + block * HASH_LANES_BLOCK_BYTES);
        EACH_GROUP(0, 5) SHA1_STREAM_ROUNDS(&s[i], g, 0);
        EACH_GROUP(5, 10) SHA1_STREAM_ROUNDS(&s[i], g, 1);
        EACH_GROUP(10, 15) SHA1_STREAM_ROUNDS(&s[i], g, 2);
        EACH_GROUP(15, 20) SHA1_STREAM_ROUNDS(&s[i], g, 3);
        EACH_STREAM sha1_stream_end_block(&s[i]);
    }
    EACH_STREAM sha1_stream_close(&s[i], states[i]);
}

SHANI_INLINE void sha256_streams(
    hash_lanes_state *const *states,
    const uint8_t *const *data,
    size_t blocks,
    const int count
) {
    sha256_stream s[4];
    EACH_STREAM sha256_stream_open(&s[i], states[i]);
    for (size_t block = 0; block < blocks; block++) {
        EACH_STREAM sha256_stream_begin_block(&s[i], data[i] + block * HASH_LANES_BLOCK_BYTES);
        EACH_GROUP(0, 16) sha256_stream_rounds(&s[i], g);
        EACH_STREAM sha256_stream_end_block(&s[i]);
    }
    EACH_STREAM sha256_stream_close(&s[i], states[i]);
}

void sha1_streams2_shani(hash_lanes_state *const *states, const uint8_t *const *data, size_t blocks) {
    sha1_streams(states, data, blocks, 2);
}
void sha1_streams4_shani(hash_lanes_state *const *states, const uint8_t *const *data, size_t blocks) {
    sha1_streams(states, data, blocks, 4);
}
void sha256_streams2_shani(hash_lanes_state *const *states, const uint8_t *const *data, size_t blocks) {
    sha256_streams(states, data, blocks, 2);
}
void sha256_streams4_shani(hash_lanes_state *const *states, const uint8_t *const *data, size_t blocks) {
    sha256_streams(states, data, blocks, 4);
}

#pragma clang attribute pop
#endif
