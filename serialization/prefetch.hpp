#pragma once

// Values in a table lie one after the other, but what they own, the bytes of their strings, lies
// anywhere: whoever walks many of them waits for memory at each, unless it asks ahead.

#include <algorithm>
#include <cstddef>
#include <tuple>

#include "serialization/codec.hpp"

namespace leat {

namespace detail {

inline constexpr std::size_t kCacheLine = 64;
/// Behind that the processor asks ahead by itself.
inline constexpr std::size_t kPrefetchedBytes = 4 * kCacheLine;

inline void prefetch_bytes(const char* bytes, std::size_t size) {
  size = std::min(size, kPrefetchedBytes);
  for (std::size_t offset = 0; offset < size; offset += kCacheLine)
    __builtin_prefetch(bytes + offset);
  if (size > 0)
    __builtin_prefetch(bytes + size - 1);
}

}  // namespace detail

/// Brings what `value` owns closer to the processor; not what that owns in turn. No effect otherwise.
template <class T>
void prefetch_owned(const T& value) {
  constexpr bool kIsArray = requires {
    sizeof(*value.data()) * value.size();
  };
  constexpr bool kIsTuple = requires {
    std::tuple_size<T>::value;
  };
  const auto visit = [](const auto&... fields) { (prefetch_owned(fields), ...); };
  if constexpr (kIsArray)
    detail::prefetch_bytes(reinterpret_cast<const char*>(value.data()),
                           value.size() * sizeof(*value.data()));
  else if constexpr (kIsTuple)
    std::apply(visit, value);
  else if constexpr (requires { Codec<T>::visit_fields(value, visit); })
    Codec<T>::visit_fields(value, visit);
}

}  // namespace leat
