#include "runtime/api/words.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace leat {

// What is called for each block or word must not become a call; the compiler's measure is size.
#define LEAT_INLINE [[gnu::always_inline]] inline

namespace {

/// Text is split window by window, lower-cased in memory that stays in the cache.
constexpr std::size_t kWindow = 2048;
/// Bytes looked at together: as many as an integer has bits.
constexpr std::size_t kBlock = 64;

constexpr bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}
constexpr char lower(char c) {
  return is_upper(c) ? static_cast<char>(c + ('a' - 'A')) : c;
}
constexpr bool is_word_byte(char c) {
  return is_upper(c) || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

#if defined(__SSE2__)

constexpr std::size_t kLane = 16;

LEAT_INLINE __m128i in_range(__m128i bytes, char low, char high) {
  const __m128i shifted = _mm_sub_epi8(bytes, _mm_set1_epi8(low));
  const __m128i width = _mm_set1_epi8(static_cast<char>(high - low));
  return _mm_cmpeq_epi8(_mm_min_epu8(shifted, width), shifted);
}

/// Lower-cases a lane into `to`; returns a bit per byte, the first one's lowest: is it of a word?
LEAT_INLINE std::uint64_t lower_lane(const char* from, char* to) {
  const __m128i raw = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
  const __m128i capital = in_range(raw, 'A', 'Z');
  const __m128i bytes = _mm_or_si128(raw, _mm_and_si128(capital, _mm_set1_epi8('a' - 'A')));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(to), bytes);
  const __m128i alphanumeric = _mm_or_si128(in_range(bytes, 'a', 'z'), in_range(bytes, '0', '9'));
  const __m128i word = _mm_or_si128(alphanumeric, _mm_cmpeq_epi8(bytes, _mm_set1_epi8('_')));
  return static_cast<std::uint32_t>(_mm_movemask_epi8(word));
}

#else

constexpr std::size_t kLane = 8;

LEAT_INLINE std::uint64_t lower_lane(const char* from, char* to) {
  std::uint64_t bits = 0;
  for (unsigned i = 0; i < kLane; ++i) {
    to[i] = lower(from[i]);
    bits |= std::uint64_t{is_word_byte(from[i])} << i;
  }
  return bits;
}

#endif

LEAT_INLINE std::uint64_t lower_block(const char* from, char* to) {
  std::uint64_t bits = 0;
  for (std::size_t at = 0; at < kBlock; at += kLane)
    bits |= lower_lane(from + at, to + at) << at;
  return bits;
}

/// A text shorter than a block. Lanes overlap instead of reaching beyond its end, and there are always
/// as many: a branch that is hard to foresee costs more than a lane.
LEAT_INLINE std::uint64_t lower_short(std::string_view text, char* to) {
  if (text.size() < kLane) {
    char padded[kLane] = {};
    std::copy(text.begin(), text.end(), padded);
    return lower_lane(padded, to);
  }
  std::uint64_t bits = 0;
  for (std::size_t lane = 0; lane < kBlock; lane += kLane) {
    const std::size_t at = std::min(lane, text.size() - kLane);
    bits |= lower_lane(text.data() + at, to + at) << at;
  }
  return bits;
}

LEAT_INLINE unsigned take_lowest(std::uint64_t& bits) {
  const auto lowest = static_cast<unsigned>(std::countr_zero(bits));
  bits &= bits - 1;
  return lowest;
}

/// Finds words in the bits of block after block; their bytes lie lower-cased in `window`.
class WordCutter {
 public:
  WordCutter(char* window, Collector<std::string>& out) : window_(window), out_(out) {}

  LEAT_INLINE void add(std::size_t at, std::uint64_t bits) {
    // Bits that differ from the one before them: starts and ends of words in turn.
    std::uint64_t edges = bits ^ (bits << 1U | std::uint64_t{in_word_});
    if (in_word_) {
      if (edges == 0)
        return;
      in_word_ = false;
      emit(begin_, at + take_lowest(edges));
    }
    while (edges != 0) {
      const std::size_t begin = at + take_lowest(edges);
      if (edges == 0) {
        in_word_ = true;
        begin_ = begin;
        return;
      }
      emit(begin, at + take_lowest(edges));
    }
  }
  LEAT_INLINE void finish(std::size_t end) {
    if (in_word_)
      emit(begin_, end);
    flush();
  }

 private:
  static constexpr std::size_t kMostFound = 16;

  LEAT_INLINE void emit(std::size_t begin, std::size_t end) {
    std::construct_at(found_.words + count_, window_ + begin, end - begin);
    if (++count_ == kMostFound)
      flush();
  }
  /// Several words at a time: what counts them can have their places fetched meanwhile.
  void flush() { out_.emit_all(std::span(found_.words, std::exchange(count_, 0))); }

  const char* window_;
  Collector<std::string>& out_;
  bool in_word_ = false;
  std::size_t begin_ = 0;  ///< of the word that goes on in the next block
  std::size_t count_ = 0;
  /// The first count_ are begun; clearing all of them for each line would show.
  union Found {
    Found() {}  // NOLINT(modernize-use-equals-default): begins none
    std::string_view words[kMostFound];
  } found_;
};

/// A text that fits a window, and whose last word ends with it.
void split_window(std::string_view text, Collector<std::string>& out) {
  char window[kWindow];
  WordCutter cutter(window, out);
  if (text.size() < kBlock) {
    cutter.add(0, lower_short(text, window));
    cutter.finish(text.size());
    return;
  }
  std::size_t at = 0;
  for (; at + kBlock <= text.size(); at += kBlock)
    cutter.add(at, lower_block(text.data() + at, window + at));
  if (at < text.size()) {
    const std::size_t last = text.size() - kBlock;
    cutter.add(at, lower_block(text.data() + last, window + last) >> (at - last));
  }
  cutter.finish(text.size());
}

/// Length of what may be split on its own: up to a window, not ending within a word. 0 if the first word
/// is longer.
std::size_t window_length(std::string_view text) {
  if (text.size() <= kWindow)
    return text.size();
  std::size_t length = kWindow;
  if (is_word_byte(text[length]))
    while (length > 0 && is_word_byte(text[length - 1]))
      --length;
  return length;
}

std::size_t emit_long_word(std::string_view text, Collector<std::string>& out) {
  const auto* const end = std::find_if_not(text.begin(), text.end(), is_word_byte);
  std::string word(text.begin(), end);
  std::transform(word.begin(), word.end(), word.begin(), lower);
  out.emit(word);
  return word.size();
}

}  // namespace

void words(std::string_view text, Collector<std::string>& out) {
  while (!text.empty()) {
    std::size_t length = window_length(text);
    if (length > 0)
      split_window(text.substr(0, length), out);
    else
      length = emit_long_word(text, out);
    text.remove_prefix(length);
  }
}

#undef LEAT_INLINE

}  // namespace leat
