// SPDX-License-Identifier: Apache-2.0
// Two messages at once with Arm's SHA instructions: while one waits for a result, the other uses the unit.
#if defined(__aarch64__)
#include "LaneKernel.h"

#include <arm_neon.h>

#define UNROLLED _Pragma("clang loop unroll(full)")
#define BOTH UNROLLED for (int i = 0; i < 2; i++)
#define EACH_GROUP(first, last) UNROLLED for (int g = first; g < last; g++) BOTH

#pragma clang attribute push(__attribute__((target("sha2"))), apply_to = function)

static inline __attribute__((always_inline)) uint32x4_t load_words(const uint8_t *bytes) {
    return vreinterpretq_u32_u8(vrev32q_u8(vld1q_u8(bytes)));
}

/// Four rounds of SHA-1 with `rounds`, the instruction for this kind of round.
#define SHA1_FOUR_ROUNDS(rounds)                                                                                     \
    {                                                                                                                \
        uint32x4_t *w = m[i];                                                                                        \
        if (g >= 4) {                                                                                                \
            uint32x4_t mixed = vsha1su0q_u32(w[g & 3], w[(g + 1) & 3], w[(g + 2) & 3]);                              \
            w[g & 3] = vsha1su1q_u32(mixed, w[(g + 3) & 3]);                                                         \
        }                                                                                                            \
        uint32_t next = vsha1h_u32(vgetq_lane_u32(abcd[i], 0));                                                      \
        abcd[i] = rounds(abcd[i], e[i], vaddq_u32(w[g & 3], vdupq_n_u32(sha1_round_constants[g / 5])));              \
        e[i] = next;                                                                                                 \
    }

void sha1_streams2_arm(hash_lanes_state *const *states, const uint8_t *const *data, size_t blocks) {
    uint32x4_t abcd[2], m[2][4];
    uint32_t e[2];
    BOTH { abcd[i] = vld1q_u32(states[i]->words), e[i] = states[i]->words[4]; }
    for (size_t offset = 0; offset < blocks * HASH_LANES_BLOCK_BYTES; offset += HASH_LANES_BLOCK_BYTES) {
        uint32x4_t abcd_before[2];
        uint32_t e_before[2];
        BOTH {
            abcd_before[i] = abcd[i], e_before[i] = e[i];
            UNROLLED for (int q = 0; q < 4; q++) m[i][q] = load_words(data[i] + offset + 16 * q);
        }
        EACH_GROUP(0, 5) SHA1_FOUR_ROUNDS(vsha1cq_u32)
        EACH_GROUP(5, 10) SHA1_FOUR_ROUNDS(vsha1pq_u32)
        EACH_GROUP(10, 15) SHA1_FOUR_ROUNDS(vsha1mq_u32)
        EACH_GROUP(15, 20) SHA1_FOUR_ROUNDS(vsha1pq_u32)
        BOTH { abcd[i] = vaddq_u32(abcd[i], abcd_before[i]), e[i] += e_before[i]; }
    }
    BOTH { vst1q_u32(states[i]->words, abcd[i]), states[i]->words[4] = e[i]; }
}

void sha256_streams2_arm(hash_lanes_state *const *states, const uint8_t *const *data, size_t blocks) {
    uint32x4_t abcd[2], efgh[2], m[2][4];
    BOTH { abcd[i] = vld1q_u32(states[i]->words), efgh[i] = vld1q_u32(states[i]->words + 4); }
    for (size_t offset = 0; offset < blocks * HASH_LANES_BLOCK_BYTES; offset += HASH_LANES_BLOCK_BYTES) {
        uint32x4_t abcd_before[2], efgh_before[2];
        BOTH {
            abcd_before[i] = abcd[i], efgh_before[i] = efgh[i];
            UNROLLED for (int q = 0; q < 4; q++) m[i][q] = load_words(data[i] + offset + 16 * q);
        }
        EACH_GROUP(0, 16) {
            uint32x4_t *w = m[i];
            if (g >= 4) {
                uint32x4_t mixed = vsha256su0q_u32(w[g & 3], w[(g + 1) & 3]);
                w[g & 3] = vsha256su1q_u32(mixed, w[(g + 2) & 3], w[(g + 3) & 3]);
            }
            uint32x4_t words = vaddq_u32(w[g & 3], vld1q_u32(sha256_round_constants + 4 * g)), before = abcd[i];
            abcd[i] = vsha256hq_u32(abcd[i], efgh[i], words);
            efgh[i] = vsha256h2q_u32(efgh[i], before, words);
        }
        BOTH { abcd[i] = vaddq_u32(abcd[i], abcd_before[i]), efgh[i] = vaddq_u32(efgh[i], efgh_before[i]); }
    }
    BOTH { vst1q_u32(states[i]->words, abcd[i]), vst1q_u32(states[i]->words + 4, efgh[i]); }
}

#pragma clang attribute pop
#endif
