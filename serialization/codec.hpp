#pragma once

// Codec<T>: how a record becomes bytes and back, and what operators see of it on the way.
//
// A record travels as a View: the cheapest form that can be read straight from a buffer. It is the
// type itself for numbers and user structs, std::string_view for strings, and pairs and tuples of
// views. A view is valid during the call that receives it; own() makes it last.
//
// Encodings (docs/formats.md): numbers fixed-width little-endian; strings and vectors a varint count
// and the elements; optionals a byte 0 or 1 and the value; pairs, tuples and structs their fields in
// order. They are stable: the encoding of a key fixes its key group for ever.

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "serialization/byte_reader.hpp"
#include "serialization/byte_writer.hpp"

namespace leat {

/// Specialised for every record type; for user structs by LEAT_RECORD (serialization/record.hpp).
///   using View                             what operators see
///   std::size_t bound(const View&)         at least as many bytes as put() writes
///   char* put(char* out, const View&)      writes there; returns the end of what it wrote
///   bool decode(ByteReader&, View&)        false for bytes that are no T; reuses View's memory
///   T own(const View&)
///   View view(const T&)  or  const T& view(const T&)
/// Optional:
///   std::size_t kFixedBytes                what put() writes for every record; decode() then takes an
///                                          UncheckedReader too
template <class T>
struct Codec;

/// 0: it depends on the record.
template <class T>
inline constexpr std::size_t kFixedBytes = 0;
template <class T>
requires requires {
  Codec<T>::kFixedBytes;
}
inline constexpr std::size_t kFixedBytes<T> = Codec<T>::kFixedBytes;

namespace detail {
template <class... Fields>
constexpr std::size_t fixed_bytes() {
  return ((kFixedBytes<Fields> > 0) && ...) ? (std::size_t{0} + ... + kFixedBytes<Fields>) : 0;
}
}  // namespace detail

namespace detail {
template <class T>
struct OwnedOf {
  using type = T;
};
template <>
struct OwnedOf<std::string_view> {
  using type = std::string;
};
template <>
struct OwnedOf<const char*> {
  using type = std::string;
};
template <class A, class B>
struct OwnedOf<std::pair<A, B>> {
  using type = std::pair<typename OwnedOf<std::remove_cvref_t<A>>::type,
                         typename OwnedOf<std::remove_cvref_t<B>>::type>;
};
template <class... Ts>
struct OwnedOf<std::tuple<Ts...>> {
  using type = std::tuple<typename OwnedOf<std::remove_cvref_t<Ts>>::type...>;
};
}  // namespace detail

/// The record type that a function returning R produces: references dropped, string_view owned.
template <class R>
using Owned = typename detail::OwnedOf<std::remove_cvref_t<R>>::type;

template <class T>
using View = typename Codec<T>::View;

/// A record as a parameter: small views by value, others by reference.
template <class T>
using In = std::conditional_t<std::is_trivially_copyable_v<View<T>> && sizeof(View<T>) <= 16,
                              View<T>, const View<T>&>;

template <class T>
concept Number = std::is_arithmetic_v<T> || std::is_enum_v<T>;

template <Number T>
struct Codec<T> {
  using View = T;
  static constexpr std::size_t kFixedBytes = sizeof(T);
  static constexpr std::size_t bound(T /*value*/) { return sizeof(T); }
  static char* put(char* out, T value) {
    std::memcpy(out, &value, sizeof value);
    return out + sizeof value;
  }
  template <class Reader>
  static bool decode(Reader& in, T& value) {
    return in.read_fixed(value);
  }
  static T own(T value) { return value; }
  static T view(T value) { return value; }
};

template <>
struct Codec<bool> {
  using View = bool;
  static constexpr std::size_t kFixedBytes = 1;
  static constexpr std::size_t bound(bool /*value*/) { return 1; }
  static char* put(char* out, bool value) {
    *out = static_cast<char>(value);
    return out + 1;
  }
  template <class Reader>
  static bool decode(Reader& in, bool& value) {
    std::uint8_t byte = 0;
    if (!in.read_fixed(byte) || byte > 1)
      return false;
    value = byte == 1;
    return true;
  }
  static bool own(bool value) { return value; }
  static bool view(bool value) { return value; }
};

template <>
struct Codec<std::string> {
  using View = std::string_view;
  static std::size_t bound(std::string_view value) { return kMaxVarintBytes + value.size(); }
  static char* put(char* out, std::string_view value) {
    out = put_varint(out, value.size());
    if (!value.empty())
      std::memcpy(out, value.data(), value.size());
    return out + value.size();
  }
  static bool decode(ByteReader& in, std::string_view& value) {
    std::uint64_t size = 0;
    return in.read_varint(size) && in.read_bytes(size, value);
  }
  static std::string own(std::string_view value) { return std::string(value); }
  static std::string_view view(const std::string& value) { return value; }
};

template <class A, class B>
struct Codec<std::pair<A, B>> {
  using View = std::pair<typename Codec<A>::View, typename Codec<B>::View>;
  static constexpr std::size_t kFixedBytes = detail::fixed_bytes<A, B>();
  static std::size_t bound(const View& value) {
    return Codec<A>::bound(value.first) + Codec<B>::bound(value.second);
  }
  static char* put(char* out, const View& value) {
    return Codec<B>::put(Codec<A>::put(out, value.first), value.second);
  }
  template <class Reader>
  static bool decode(Reader& in, View& value) {
    return Codec<A>::decode(in, value.first) && Codec<B>::decode(in, value.second);
  }
  static std::pair<A, B> own(const View& value) {
    return {Codec<A>::own(value.first), Codec<B>::own(value.second)};
  }
  static View view(const std::pair<A, B>& value) {
    return {Codec<A>::view(value.first), Codec<B>::view(value.second)};
  }
};

template <class... Ts>
struct Codec<std::tuple<Ts...>> {
  using View = std::tuple<typename Codec<Ts>::View...>;
  static constexpr std::size_t kFixedBytes = detail::fixed_bytes<Ts...>();
  static std::size_t bound(const View& value) {
    return std::apply(
        [](const auto&... fields) { return (std::size_t{0} + ... + Codec<Ts>::bound(fields)); },
        value);
  }
  static char* put(char* out, const View& value) {
    std::apply([&out](const auto&... fields) { ((out = Codec<Ts>::put(out, fields)), ...); },
               value);
    return out;
  }
  template <class Reader>
  static bool decode(Reader& in, View& value) {
    return std::apply([&in](auto&... fields) { return (Codec<Ts>::decode(in, fields) && ...); },
                      value);
  }
  static std::tuple<Ts...> own(const View& value) {
    return std::apply(
        [](const auto&... fields) { return std::tuple<Ts...>(Codec<Ts>::own(fields)...); }, value);
  }
  static View view(const std::tuple<Ts...>& value) {
    return std::apply([](const auto&... fields) { return View(Codec<Ts>::view(fields)...); },
                      value);
  }
};

template <class T>
struct Codec<std::vector<T>> {
  using View = std::vector<T>;
  static std::size_t bound(const View& value) {
    std::size_t bytes = kMaxVarintBytes;
    for (const auto& element : value)
      bytes += Codec<T>::bound(Codec<T>::view(element));
    return bytes;
  }
  static char* put(char* out, const View& value) {
    out = put_varint(out, value.size());
    for (const auto& element : value)
      out = Codec<T>::put(out, Codec<T>::view(element));
    return out;
  }
  /// Grows with what is really there, so that a hostile count allocates nothing.
  static bool decode(ByteReader& in, View& value) {
    std::uint64_t count = 0;
    if (!in.read_varint(count) || count > in.remaining())
      return false;
    value.clear();
    for (std::uint64_t i = 0; i < count; ++i) {
      typename Codec<T>::View element{};
      if (!Codec<T>::decode(in, element))
        return false;
      value.push_back(Codec<T>::own(element));
    }
    return true;
  }
  static const View& own(const View& value) { return value; }
  static const View& view(const View& value) { return value; }
};

template <class T>
struct Codec<std::optional<T>> {
  using View = std::optional<typename Codec<T>::View>;
  static std::size_t bound(const View& value) { return 1 + (value ? Codec<T>::bound(*value) : 0); }
  static char* put(char* out, const View& value) {
    out = Codec<bool>::put(out, value.has_value());
    return value ? Codec<T>::put(out, *value) : out;
  }
  static bool decode(ByteReader& in, View& value) {
    bool present = false;
    if (!Codec<bool>::decode(in, present))
      return false;
    if (!present) {
      value.reset();
      return true;
    }
    return Codec<T>::decode(in, value.emplace());
  }
  static std::optional<T> own(const View& value) {
    return value ? std::optional<T>(Codec<T>::own(*value)) : std::nullopt;
  }
  static View view(const std::optional<T>& value) {
    return value ? View(Codec<T>::view(*value)) : View();
  }
};

/// Appends a record's encoding.
template <class T>
void encode(ByteWriter& out, In<T> record) {
  out.commit(Codec<T>::put(out.reserve(Codec<T>::bound(record)), record));
}

/// What a function returned for a record of T, as T's view: the result itself where it is one already.
/// Valid as long as the result is.
template <class T, class R>
decltype(auto) view_of(const R& result) {
  if constexpr (std::is_same_v<R, View<T>>)
    return (result);
  else if constexpr (std::is_convertible_v<const R&, View<T>>)
    return View<T>(result);
  else
    return Codec<T>::view(result);
}

}  // namespace leat
