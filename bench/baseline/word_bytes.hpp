#pragma once

// Which bytes belong to words: [A-Za-z0-9_], lower-cased; all others separate.
// Pure functions: any thread.
// Invariant: the same words as LC_ALL=C tr A-Z a-z | LC_ALL=C tr -cs a-z0-9_ '\n'.

#include <array>
#include <cstdint>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace leat::bench {

constexpr char lower(char c) {
  return (c >= 'A' && c <= 'Z') ? static_cast<char>(c + ('a' - 'A')) : c;
}

constexpr bool is_word_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

inline constexpr std::array<bool, 256> kIsWordByte = [] {
  std::array<bool, 256> table{};
  for (unsigned i = 0; i < 256; ++i)
    table[i] = is_word_byte(static_cast<char>(i));
  return table;
}();

#if defined(__SSE2__)

inline __m128i in_range(__m128i bytes, char low, char high) {
  const __m128i shifted = _mm_sub_epi8(bytes, _mm_set1_epi8(low));
  const __m128i width = _mm_set1_epi8(static_cast<char>(high - low));
  return _mm_cmpeq_epi8(_mm_min_epu8(shifted, width), shifted);
}

/// Writes 64 lower-cased bytes to `to` and returns a bit per byte: 1 where it belongs to a word.
inline std::uint64_t lower_and_classify(const char* from, char* to) {
  std::uint64_t bits = 0;
  for (unsigned lane = 0; lane < 64; lane += 16) {
    const __m128i raw = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from + lane));
    const __m128i is_upper = in_range(raw, 'A', 'Z');
    const __m128i bytes = _mm_or_si128(raw, _mm_and_si128(is_upper, _mm_set1_epi8('a' - 'A')));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to + lane), bytes);
    const __m128i alphanumeric = _mm_or_si128(in_range(bytes, 'a', 'z'), in_range(bytes, '0', '9'));
    const __m128i word = _mm_or_si128(alphanumeric, _mm_cmpeq_epi8(bytes, _mm_set1_epi8('_')));
    bits |= std::uint64_t{static_cast<std::uint32_t>(_mm_movemask_epi8(word))} << lane;
  }
  return bits;
}

#else

inline std::uint64_t lower_and_classify(const char* from, char* to) {
  std::uint64_t bits = 0;
  for (unsigned i = 0; i < 64; ++i) {
    to[i] = lower(from[i]);
    bits |= std::uint64_t{kIsWordByte[static_cast<unsigned char>(from[i])]} << i;
  }
  return bits;
}

#endif

}  // namespace leat::bench
