// SPDX-License-Identifier: Apache-2.0
// x86's SHA instructions on several messages at once: while one waits for the result of an instruction, the others use
// the unit. Everything is inlined into unrolled loops over the streams, so that the arrays are kept in registers.

#include <immintrin.h>

#define SHANI_INLINE static inline __attribute__((always_inline))
#define UNROLLED _Pragma("clang loop unroll(full)")

SHANI_INLINE __m128i shani_load(const void *bytes) { return _mm_loadu_si128((const __m128i *)bytes); }

// SHA-1: the instructions expect `a` in the highest lane.

typedef struct {
    __m128i abcd, e, m[4];
    __m128i abcd_before, e_before;
} sha1_stream;

SHANI_INLINE void sha1_stream_open(sha1_stream *s, const hash_lanes_state *state) {
    s->abcd = _mm_shuffle_epi32(shani_load(state->words), 0x1b);
    s->e = _mm_set_epi32((int)state->words[4], 0, 0, 0);
}

SHANI_INLINE void sha1_stream_close(const sha1_stream *s, hash_lanes_state *state) {
    _mm_storeu_si128((__m128i *)state->words, _mm_shuffle_epi32(s->abcd, 0x1b));
    state->words[4] = (uint32_t)_mm_extract_epi32(s->e, 3);
}

SHANI_INLINE void sha1_stream_begin_block(sha1_stream *s, const uint8_t *block) {
    const __m128i reversal = _mm_set_epi64x(0x0001020304050607, 0x08090a0b0c0d0e0f);
    s->abcd_before = s->abcd, s->e_before = s->e;
    UNROLLED for (int q = 0; q < 4; q++) s->m[q] = _mm_shuffle_epi8(shani_load(block + 16 * q), reversal);
}

/// Rounds `4 g` to `4 g + 3`. A macro, because the instruction needs `f`, the kind of round, as a constant.
#define SHA1_STREAM_ROUNDS(s, g, f)                                                                                  \
    do {                                                                                                             \
        sha1_stream_words(s, g);                                                                                     \
        __m128i words = (g) == 0 ? _mm_add_epi32((s)->e, (s)->m[0]) : _mm_sha1nexte_epu32((s)->e, (s)->m[(g) & 3]);  \
        (s)->e = (s)->abcd;                                                                                          \
        (s)->abcd = _mm_sha1rnds4_epu32((s)->abcd, words, f);                                                        \
    } while (0)

SHANI_INLINE void sha1_stream_words(sha1_stream *s, int g) {
    if (g < 4) return;
    __m128i mixed = _mm_sha1msg1_epu32(s->m[g & 3], s->m[(g + 1) & 3]);
    s->m[g & 3] = _mm_sha1msg2_epu32(_mm_xor_si128(mixed, s->m[(g + 2) & 3]), s->m[(g + 3) & 3]);
}

SHANI_INLINE void sha1_stream_end_block(sha1_stream *s) {
    s->e = _mm_sha1nexte_epu32(s->e, s->e_before);
    s->abcd = _mm_add_epi32(s->abcd, s->abcd_before);
}

// SHA-256: the instructions expect (F, E, B, A) and (H, G, D, C), lowest lane first.

typedef struct {
    __m128i abef, cdgh, m[4];
    __m128i abef_before, cdgh_before;
} sha256_stream;

SHANI_INLINE void sha256_stream_open(sha256_stream *s, const hash_lanes_state *state) {
    __m128i badc = _mm_shuffle_epi32(shani_load(state->words), 0xb1);
    __m128i hgfe = _mm_shuffle_epi32(shani_load(state->words + 4), 0x1b);
    s->abef = _mm_alignr_epi8(badc, hgfe, 8);
    s->cdgh = _mm_blend_epi16(hgfe, badc, 0xf0);
}

SHANI_INLINE void sha256_stream_close(const sha256_stream *s, hash_lanes_state *state) {
    __m128i abef_up = _mm_shuffle_epi32(s->abef, 0x1b), ghcd = _mm_shuffle_epi32(s->cdgh, 0xb1);
    _mm_storeu_si128((__m128i *)state->words, _mm_blend_epi16(abef_up, ghcd, 0xf0));
    _mm_storeu_si128((__m128i *)(state->words + 4), _mm_alignr_epi8(ghcd, abef_up, 8));
}

SHANI_INLINE void sha256_stream_begin_block(sha256_stream *s, const uint8_t *block) {
    const __m128i reversal = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
    s->abef_before = s->abef, s->cdgh_before = s->cdgh;
    UNROLLED for (int q = 0; q < 4; q++) s->m[q] = _mm_shuffle_epi8(shani_load(block + 16 * q), reversal);
}

/// Rounds `4 g` to `4 g + 3`.
SHANI_INLINE void sha256_stream_rounds(sha256_stream *s, int g) {
    if (g >= 4) {
        __m128i mixed = _mm_sha256msg1_epu32(s->m[g & 3], s->m[(g + 1) & 3]);
        mixed = _mm_add_epi32(mixed, _mm_alignr_epi8(s->m[(g + 3) & 3], s->m[(g + 2) & 3], 4));
        s->m[g & 3] = _mm_sha256msg2_epu32(mixed, s->m[(g + 3) & 3]);
    }
    __m128i words = _mm_add_epi32(s->m[g & 3], shani_load(sha256_round_constants + 4 * g));
    s->cdgh = _mm_sha256rnds2_epu32(s->cdgh, s->abef, words);
    s->abef = _mm_sha256rnds2_epu32(s->abef, s->cdgh, _mm_shuffle_epi32(words, 0x0e));
}

SHANI_INLINE void sha256_stream_end_block(sha256_stream *s) {
    s->abef = _mm_add_epi32(s->abef, s->abef_before);
    s->cdgh = _mm_add_epi32(s->cdgh, s->cdgh_before);
}
