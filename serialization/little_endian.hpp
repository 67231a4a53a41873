#pragma once

// Integers as they stand in stored formats: little-endian, one after the other. Pure functions.

#include <bit>
#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>

#include "runtime/base/check.hpp"

namespace leat {

static_assert(std::endian::native == std::endian::little, "numbers are copied as they are");

/// Returns the end of what was written.
template <class T>
char* put_little_endian(char* at, T number) {
  std::memcpy(at, &number, sizeof number);
  return at + sizeof number;
}

template <class T>
void append_little_endian(std::string& out, T number) {
  out.append(reinterpret_cast<const char*>(&number), sizeof number);
}

/// Precondition: all of the number is there.
template <class T>
[[nodiscard]] T little_endian_at(std::string_view bytes, std::size_t offset) {
  LEAT_CHECK(offset <= bytes.size() && bytes.size() - offset >= sizeof(T));
  T number;
  std::memcpy(&number, bytes.data() + offset, sizeof number);
  return number;
}

}  // namespace leat
