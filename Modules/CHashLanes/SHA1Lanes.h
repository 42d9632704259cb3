// SPDX-License-Identifier: Apache-2.0
// A template: SHA-1 of LANES messages at once. Define LANES and the function name SHA1_LANES first.

LANE_INLINE lane_vector sha1_choose(lane_vector b, lane_vector c, lane_vector d) { return d ^ (b & (c ^ d)); }
LANE_INLINE lane_vector sha1_parity(lane_vector b, lane_vector c, lane_vector d) { return b ^ c ^ d; }
LANE_INLINE lane_vector sha1_majority(lane_vector b, lane_vector c, lane_vector d) { return (b & c) | (d & (b | c)); }

#define SHA1_SCHEDULE(t)                                                                                             \
    (w[(t) & 15] = rotate_left(w[((t) + 13) & 15] ^ w[((t) + 8) & 15] ^ w[((t) + 2) & 15] ^ w[(t) & 15], 1))

#define SHA1_ROUND(f, k, word)                                                                                       \
    do {                                                                                                             \
        lane_vector next = rotate_left(a, 5) + f(b, c, d) + (e + (word) + (k));                                      \
        e = d, d = c, c = rotate_left(b, 30), b = a, a = next;                                                       \
    } while (0)

LANE_INLINE void sha1_lanes_block(lane_vector s[5], lane_vector w[16]) {
    lane_vector a = s[0], b = s[1], c = s[2], d = s[3], e = s[4];
#pragma clang loop unroll(full)
    for (int t = 0; t < 16; t++) SHA1_ROUND(sha1_choose, 0x5a827999, w[t]);
#pragma clang loop unroll(full)
    for (int t = 16; t < 20; t++) SHA1_ROUND(sha1_choose, 0x5a827999, SHA1_SCHEDULE(t));
#pragma clang loop unroll(full)
    for (int t = 20; t < 40; t++) SHA1_ROUND(sha1_parity, 0x6ed9eba1, SHA1_SCHEDULE(t));
#pragma clang loop unroll(full)
    for (int t = 40; t < 60; t++) SHA1_ROUND(sha1_majority, 0x8f1bbcdc, SHA1_SCHEDULE(t));
#pragma clang loop unroll(full)
    for (int t = 60; t < 80; t++) SHA1_ROUND(sha1_parity, 0xca62c1d6, SHA1_SCHEDULE(t));
    s[0] += a, s[1] += b, s[2] += c, s[3] += d, s[4] += e;
}

void SHA1_LANES(hash_lanes_state *const *states, const uint8_t *const *data, size_t blocks) {
    lane_vector s[5], w[16];
    load_states(s, 5, states);
    for (size_t block = 0; block < blocks; block++) {
        load_block(w, data, block * HASH_LANES_BLOCK_BYTES);
        sha1_lanes_block(s, w);
    }
    store_states(s, 5, states);
}
