#pragma once

// TextFormat<T>: how a record becomes a line of text, for sinks that write lines.
//
//   numbers            decimal; floating-point the shortest text that reads back the same; bool 0 or 1;
//                      char as itself; enums as their number
//   strings            as they are: a newline in one makes two lines
//   pairs, tuples      their fields separated by TAB
//   LEAT_RECORD types  their fields separated by TAB
//   vectors            their elements separated by commas
//   optionals          the value, or nothing
//
// Specialise it for a type of your own, or give the sink a function instead.

#include <charconv>
#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "serialization/codec.hpp"
#include "serialization/record.hpp"

namespace leat {

/// Specialisations have `static void append(std::string& out, In<T> record)`.
template <class T>
struct TextFormat;

namespace detail {

/// Longest text of a number: a long double needs fewer than 64 characters.
inline constexpr std::size_t kNumberChars = 64;

template <class T>
void append_number(std::string& out, T value) {
  char text[kNumberChars];
  const auto [end, error] = std::to_chars(text, text + kNumberChars, value);
  out.append(text, error == std::errc() ? end : text);
}

template <class T>
void append_field(std::string& out, bool& first, In<T> value) {
  if (!first)
    out.push_back('\t');
  first = false;
  TextFormat<T>::append(out, value);
}

}  // namespace detail

template <Number T>
struct TextFormat<T> {
  static void append(std::string& out, T value) {
    if constexpr (std::is_enum_v<T>)
      detail::append_number(out, static_cast<std::underlying_type_t<T>>(value));
    else if constexpr (std::is_same_v<T, bool>)
      out.push_back(value ? '1' : '0');
    else if constexpr (std::is_same_v<T, char>)
      out.push_back(value);
    else
      detail::append_number(out, value);
  }
};

template <>
struct TextFormat<std::string> {
  static void append(std::string& out, std::string_view value) { out.append(value); }
};

template <class A, class B>
struct TextFormat<std::pair<A, B>> {
  static void append(std::string& out, const View<std::pair<A, B>>& value) {
    TextFormat<A>::append(out, value.first);
    out.push_back('\t');
    TextFormat<B>::append(out, value.second);
  }
};

template <class... Ts>
struct TextFormat<std::tuple<Ts...>> {
  static void append(std::string& out, const View<std::tuple<Ts...>>& value) {
    std::apply(
        [&out](const auto&... fields) {
          [[maybe_unused]] bool first = true;
          (detail::append_field<Ts>(out, first, fields), ...);
        },
        value);
  }
};

template <class T>
struct TextFormat<std::vector<T>> {
  static void append(std::string& out, const std::vector<T>& value) {
    bool first = true;
    for (const auto& element : value) {
      if (!first)
        out.push_back(',');
      first = false;
      TextFormat<T>::append(out, Codec<T>::view(element));
    }
  }
};

template <class T>
struct TextFormat<std::optional<T>> {
  static void append(std::string& out, const View<std::optional<T>>& value) {
    if (value)
      TextFormat<T>::append(out, *value);
  }
};

namespace detail {

template <class T, auto... Fields>
void append_fields(std::string& out, const T& value, const RecordCodec<T, Fields...>* /*of*/) {
  bool first = true;
  const auto append_next = [&out, &first]<class F>(const F& field) {
    append_field<F>(out, first, Codec<F>::view(field));
  };
  (append_next(value.*Fields), ...);
}

template <class T>
concept ListedRecord = requires(std::string& out, const T& value, const Codec<T>* codec) {
  append_fields(out, value, codec);
};

}  // namespace detail

template <class T>
requires(std::is_class_v<T>&& detail::ListedRecord<T>) struct TextFormat<T> {
  static void append(std::string& out, const T& value) {
    detail::append_fields(out, value, static_cast<const Codec<T>*>(nullptr));
  }
};

}  // namespace leat
