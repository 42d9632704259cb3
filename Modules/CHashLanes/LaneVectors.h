// SPDX-License-Identifier: Apache-2.0
// A template: vectors of LANES words, one word per message, and the code that loads message blocks into them.
//
// Define LANES (4, 8 or 16) first. The code uses the compiler's vector extensions. The target features of the including
// file decide whether rotations and three-operand logic become single instructions.

#include <string.h>

#define LANE_INLINE static inline __attribute__((always_inline))

typedef uint32_t lane_vector __attribute__((vector_size(4 * LANES)));
typedef uint32_t lane_quad __attribute__((vector_size(16)));

// Within each 128 bits, interleave words or pairs of words of two vectors, from their lower or upper halves.
#if LANES == 4
#define LOW_WORDS(a, b) __builtin_shufflevector(a, b, 0, 4, 1, 5)
#define HIGH_WORDS(a, b) __builtin_shufflevector(a, b, 2, 6, 3, 7)
#define LOW_PAIRS(a, b) __builtin_shufflevector(a, b, 0, 1, 4, 5)
#define HIGH_PAIRS(a, b) __builtin_shufflevector(a, b, 2, 3, 6, 7)
#elif LANES == 8
#define LOW_WORDS(a, b) __builtin_shufflevector(a, b, 0, 8, 1, 9, 4, 12, 5, 13)
#define HIGH_WORDS(a, b) __builtin_shufflevector(a, b, 2, 10, 3, 11, 6, 14, 7, 15)
#define LOW_PAIRS(a, b) __builtin_shufflevector(a, b, 0, 1, 8, 9, 4, 5, 12, 13)
#define HIGH_PAIRS(a, b) __builtin_shufflevector(a, b, 2, 3, 10, 11, 6, 7, 14, 15)
#else
#define LOW_WORDS(a, b) __builtin_shufflevector(a, b, 0, 16, 1, 17, 4, 20, 5, 21, 8, 24, 9, 25, 12, 28, 13, 29)
#define HIGH_WORDS(a, b) __builtin_shufflevector(a, b, 2, 18, 3, 19, 6, 22, 7, 23, 10, 26, 11, 27, 14, 30, 15, 31)
#define LOW_PAIRS(a, b) __builtin_shufflevector(a, b, 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29)
#define HIGH_PAIRS(a, b) __builtin_shufflevector(a, b, 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31)
#endif

LANE_INLINE lane_vector rotate_left(lane_vector x, int count) { return (x << count) | (x >> (32 - count)); }
LANE_INLINE lane_vector rotate_right(lane_vector x, int count) { return (x >> count) | (x << (32 - count)); }

LANE_INLINE lane_vector swap_bytes(lane_vector x) {
    return (rotate_left(x, 8) & 0x00ff00ff) | (rotate_left(x, 24) & 0xff00ff00);
}

LANE_INLINE lane_quad load_quad(const uint8_t *bytes) {
    lane_quad quad;
    memcpy(&quad, bytes, sizeof quad);
    return quad;
}

/// Concatenates sixteen bytes of every fourth message, starting with `first`.
LANE_INLINE lane_vector load_column(const uint8_t *const *data, size_t offset, int first) {
    lane_quad q0 = load_quad(data[first] + offset);
#if LANES == 4
    return q0;
#else
    lane_quad q1 = load_quad(data[first + 4] + offset);
    typedef uint32_t octet __attribute__((vector_size(32)));
    octet low = __builtin_shufflevector(q0, q1, 0, 1, 2, 3, 4, 5, 6, 7);
#if LANES == 8
    return low;
#else
    lane_quad q2 = load_quad(data[first + 8] + offset);
    lane_quad q3 = load_quad(data[first + 12] + offset);
    octet high = __builtin_shufflevector(q2, q3, 0, 1, 2, 3, 4, 5, 6, 7);
    return __builtin_shufflevector(low, high, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
#endif
#endif
}

/// Loads the sixteen words of a block of each message: word `t` of message `m` becomes word `m` of `w[t]`.
///
/// The 64 bytes of a message are loaded together. Messages often lie a multiple of 4096 bytes apart, as the blocks of a
/// piece do. They then share a few sets of the first-level cache and would evict each other.
LANE_INLINE void load_block(lane_vector w[16], const uint8_t *const *data, size_t offset) {
    lane_vector rows[4][4];
#pragma clang loop unroll(full)
    for (int first = 0; first < 4; first++) {
#pragma clang loop unroll(full)
        for (int group = 0; group < 4; group++) {
            rows[group][first] = load_column(data, offset + 16 * (size_t)group, first);
        }
    }
#pragma clang loop unroll(full)
    for (int group = 0; group < 4; group++) {
        const lane_vector *r = rows[group];
        lane_vector low01 = LOW_WORDS(r[0], r[1]), high01 = HIGH_WORDS(r[0], r[1]);
        lane_vector low23 = LOW_WORDS(r[2], r[3]), high23 = HIGH_WORDS(r[2], r[3]);
        w[4 * group] = swap_bytes(LOW_PAIRS(low01, low23));
        w[4 * group + 1] = swap_bytes(HIGH_PAIRS(low01, low23));
        w[4 * group + 2] = swap_bytes(LOW_PAIRS(high01, high23));
        w[4 * group + 3] = swap_bytes(HIGH_PAIRS(high01, high23));
    }
}

LANE_INLINE void load_states(lane_vector *s, int words, hash_lanes_state *const *states) {
    for (int lane = 0; lane < LANES; lane++) {
        for (int word = 0; word < words; word++) s[word][lane] = states[lane]->words[word];
    }
}

LANE_INLINE void store_states(const lane_vector *s, int words, hash_lanes_state *const *states) {
    for (int lane = 0; lane < LANES; lane++) {
        for (int word = 0; word < words; word++) states[lane]->words[word] = s[word][lane];
    }
}
