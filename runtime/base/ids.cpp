#include "runtime/base/ids.hpp"

namespace leat::detail {

namespace {
constexpr std::size_t kHexDigits = 32;

int digit(char c) {
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  return -1;
}
}  // namespace

bool parse_hex128(std::string_view text, std::uint64_t& high, std::uint64_t& low) {
  if (text.size() != kHexDigits)
    return false;
  std::uint64_t words[2] = {0, 0};
  for (std::size_t i = 0; i < kHexDigits; ++i) {
    const int value = digit(text[i]);
    if (value < 0)
      return false;
    words[i / 16] = (words[i / 16] << 4U) | static_cast<std::uint64_t>(value);
  }
  high = words[0];
  low = words[1];
  return true;
}

std::string format_hex128(std::uint64_t high, std::uint64_t low) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text(kHexDigits, '0');
  for (std::size_t i = 0; i < kHexDigits; ++i) {
    const std::uint64_t word = i < 16 ? high : low;
    text[i] = kDigits[(word >> (60U - 4U * (i % 16))) & 0xFU];
  }
  return text;
}

}  // namespace leat::detail
