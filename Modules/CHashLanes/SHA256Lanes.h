// SPDX-License-Identifier: Apache-2.0
// A template: SHA-256 of LANES messages at once. Define LANES and the function name SHA256_LANES first.

LANE_INLINE lane_vector sha256_big_sigma0(lane_vector x) {
    return rotate_right(x, 2) ^ rotate_right(x, 13) ^ rotate_right(x, 22);
}
LANE_INLINE lane_vector sha256_big_sigma1(lane_vector x) {
    return rotate_right(x, 6) ^ rotate_right(x, 11) ^ rotate_right(x, 25);
}
LANE_INLINE lane_vector sha256_sigma0(lane_vector x) { return rotate_right(x, 7) ^ rotate_right(x, 18) ^ (x >> 3); }
LANE_INLINE lane_vector sha256_sigma1(lane_vector x) { return rotate_right(x, 17) ^ rotate_right(x, 19) ^ (x >> 10); }
LANE_INLINE lane_vector sha256_choose(lane_vector x, lane_vector y, lane_vector z) { return z ^ (x & (y ^ z)); }
LANE_INLINE lane_vector sha256_majority(lane_vector x, lane_vector y, lane_vector z) {
    return (x & y) | (z & (x | y));
}

#define SHA256_SCHEDULE(t)                                                                                           \
    (w[(t) & 15] += sha256_sigma1(w[((t) + 14) & 15]) + w[((t) + 9) & 15] + sha256_sigma0(w[((t) + 1) & 15]))

#define SHA256_ROUND(t, word)                                                                                        \
    do {                                                                                                             \
        lane_vector t1 = h + ((word) + sha256_round_constants[t]) + sha256_choose(e, f, g) + sha256_big_sigma1(e);   \
        lane_vector t2 = sha256_big_sigma0(a) + sha256_majority(a, b, c);                                            \
        h = g, g = f, f = e, e = d + t1, d = c, c = b, b = a, a = t1 + t2;                                           \
    } while (0)

LANE_INLINE void sha256_lanes_block(lane_vector s[8], lane_vector w[16]) {
    lane_vector a = s[0], b = s[1], c = s[2], d = s[3], e = s[4], f = s[5], g = s[6], h = s[7];
#pragma clang loop unroll(full)
    for (int t = 0; t < 16; t++) SHA256_ROUND(t, w[t]);
#pragma clang loop unroll(full)
    for (int t = 16; t < 64; t++) SHA256_ROUND(t, SHA256_SCHEDULE(t));
    s[0] += a, s[1] += b, s[2] += c, s[3] += d, s[4] += e, s[5] += f, s[6] += g, s[7] += h;
}

void SHA256_LANES(hash_lanes_state *const *states, const uint8_t *const *data, size_t blocks) {
    lane_vector s[8], w[16];
    load_states(s, 8, states);
    for (size_t block = 0; block < blocks; block++) {
        load_block(w, data, block * HASH_LANES_BLOCK_BYTES);
        sha256_lanes_block(s, w);
    }
    store_states(s, 8, states);
}
