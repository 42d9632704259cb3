// SPDX-License-Identifier: Apache-2.0
// One message at a time, with OpenSSL's code for this processor, starting from any state.

// The functions that take a state are deprecated, and have no replacement.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "LaneKernel.h"

#include <openssl/sha.h>

void sha1_one_stream(hash_lanes_state *const *states, const uint8_t *const *data, size_t blocks) {
    uint32_t *words = states[0]->words;
    SHA_CTX context = {.h0 = words[0], .h1 = words[1], .h2 = words[2], .h3 = words[3], .h4 = words[4]};
    SHA1_Update(&context, data[0], blocks * HASH_LANES_BLOCK_BYTES);
    words[0] = context.h0, words[1] = context.h1, words[2] = context.h2, words[3] = context.h3;
    words[4] = context.h4;
}

void sha256_one_stream(hash_lanes_state *const *states, const uint8_t *const *data, size_t blocks) {
    uint32_t *words = states[0]->words;
    SHA256_CTX context = {.md_len = SHA256_DIGEST_LENGTH};
    for (int i = 0; i < 8; i++) context.h[i] = words[i];
    SHA256_Update(&context, data[0], blocks * HASH_LANES_BLOCK_BYTES);
    for (int i = 0; i < 8; i++) words[i] = context.h[i];
}
