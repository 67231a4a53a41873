#include "runtime/base/quote_name.hpp"

namespace leat {

std::string quote_name(std::string_view name) {
  static constexpr char kDigits[] = "0123456789abcdef";
  constexpr unsigned char kDelete = 0x7f;
  std::string text = "'";
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\n') {
      text += "\\n";
    } else if (byte < ' ' || byte == kDelete) {
      text += "\\x";
      text += kDigits[byte >> 4U];
      text += kDigits[byte & 0xFU];
    } else {
      if (c == '\'' || c == '\\')
        text += '\\';
      text += c;
    }
  }
  return text + "'";
}

}  // namespace leat
