#include "runtime/base/quote_name.hpp"

#include <cstddef>

namespace leat {

namespace {

constexpr unsigned char kDelete = 0x7f;

bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

/// Length of the UTF-8 character at the start of `text`; 0 if there is none.
std::size_t character_length(std::string_view text) {
  const auto first = static_cast<unsigned char>(text.front());
  std::size_t length = 0;
  if (first < 0x80)
    length = 1;
  else if (first >= 0xC2 && first < 0xE0)
    length = 2;
  else if (first >= 0xE0 && first < 0xF0)
    length = 3;
  else if (first >= 0xF0 && first < 0xF5)
    length = 4;
  if (length == 0 || length > text.size())
    return 0;
  for (std::size_t i = 1; i < length; ++i)
    if (!is_continuation(text[i]))
      return 0;
  if (length > 2) {
    // Longer than needed, a surrogate, or beyond the last code point.
    const auto second = static_cast<unsigned char>(text[1]);
    if ((first == 0xE0 && second < 0xA0) || (first == 0xED && second >= 0xA0) ||
        (first == 0xF0 && second < 0x90) || (first == 0xF4 && second >= 0x90))
      return 0;
  }
  return length;
}

void append_escaped(std::string& text, char c) {
  static constexpr char kDigits[] = "0123456789abcdef";
  const auto byte = static_cast<unsigned char>(c);
  text += "\\x";
  text += kDigits[byte >> 4U];
  text += kDigits[byte & 0xFU];
}

}  // namespace

std::string quote_name(std::string_view name) {
  std::string text = "'";
  while (!name.empty()) {
    const std::size_t length = character_length(name);
    const auto byte = static_cast<unsigned char>(name.front());
    if (name.front() == '\n') {
      text += "\\n";
    } else if (length == 0 || byte < ' ' || byte == kDelete) {
      append_escaped(text, name.front());
    } else {
      if (name.front() == '\'' || name.front() == '\\')
        text += '\\';
      text += name.substr(0, length);
    }
    name.remove_prefix(length == 0 ? 1 : length);
  }
  return text + "'";
}

}  // namespace leat
