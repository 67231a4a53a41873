#pragma once

// Writes running text (sentences, wrapped lines, paragraphs) made of a vocabulary's words.
// Any thread; one instance per text.
// Invariant: whole lines only, each ended by a newline; the text depends on seed and size alone.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "bench/data/random.hpp"
#include "bench/data/vocabulary.hpp"

namespace leat::bench {

class TextWriter {
 public:
  /// Takes a block of text; returns false to stop (the block could not be written).
  using Sink = std::function<bool(std::string_view)>;

  TextWriter(const Vocabulary& vocabulary, std::uint64_t seed, Sink sink);

  /// Writes at least `bytes` bytes, ending with the first line that reaches them.
  bool write(std::uint64_t bytes);

 private:
  void add_paragraph();
  void add_sentence(std::string& line);
  void add_token(std::string& line, std::string_view token, bool first);
  void end_line(std::string& line);
  bool flush();

  const Vocabulary& vocabulary_;
  Random random_;
  Sink sink_;
  std::string block_;
  std::string token_;
  std::uint64_t wanted_ = 0;  ///< bytes still to be written
  std::size_t wrap_at_ = 72;
};

}  // namespace leat::bench
