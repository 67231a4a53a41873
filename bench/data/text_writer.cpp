#include "bench/data/text_writer.hpp"

#include <utility>

namespace leat::bench {
namespace {

constexpr std::size_t kBlockBytes = 1U << 20U;

char upper(char c) {
  return (c >= 'a' && c <= 'z') ? static_cast<char>(c - 'a' + 'A') : c;
}

}  // namespace

TextWriter::TextWriter(const Vocabulary& vocabulary, std::uint64_t seed, Sink sink)
    : vocabulary_(vocabulary), random_(mix(seed)), sink_(std::move(sink)) {
  block_.reserve(kBlockBytes + 4096);
}

bool TextWriter::write(std::uint64_t bytes) {
  wanted_ = bytes;
  while (wanted_ > 0) {
    add_paragraph();
    if (block_.size() >= kBlockBytes && !flush())
      return false;
  }
  return flush();
}

void TextWriter::add_paragraph() {
  std::string line;
  wrap_at_ = 64 + random_.below(24);
  const std::uint64_t sentences = 1 + random_.below(9);
  for (std::uint64_t i = 0; i < sentences && wanted_ > 0; ++i)
    add_sentence(line);
  if (!line.empty())
    end_line(line);
  if (wanted_ > 0)
    end_line(line);  // an empty line between paragraphs
}

void TextWriter::add_sentence(std::string& line) {
  const std::uint64_t words = 3 + random_.below(16) + random_.below(16);
  for (std::uint64_t i = 0; i < words && wanted_ > 0; ++i) {
    token_.clear();
    if (random_.one_in(150))
      token_ = std::to_string(random_.below(3000));
    else
      token_ = vocabulary_.draw(random_);
    if (i == 0 || random_.one_in(25))
      token_[0] = upper(token_[0]);
    if (random_.one_in(120))
      token_ += "'s";
    if (i + 1 == words)
      token_ += random_.one_in(8) ? '?' : '.';
    else if (random_.one_in(14))
      token_ += random_.one_in(9) ? ";" : ",";
    else if (random_.one_in(200))
      token_ += " \xe2\x80\x94";  // an em dash: bytes beyond ASCII separate words
    add_token(line, token_, line.empty());
  }
}

void TextWriter::add_token(std::string& line, std::string_view token, bool first) {
  if (!first && line.size() + 1 + token.size() > wrap_at_) {
    end_line(line);
    first = true;
  }
  if (!first)
    line += ' ';
  line += token;
}

void TextWriter::end_line(std::string& line) {
  if (wanted_ == 0) {
    line.clear();
    return;
  }
  line += '\n';
  block_ += line;
  wanted_ -= line.size() < wanted_ ? line.size() : wanted_;
  line.clear();
}

bool TextWriter::flush() {
  const bool written = block_.empty() || sink_(block_);
  block_.clear();
  return written;
}

}  // namespace leat::bench
