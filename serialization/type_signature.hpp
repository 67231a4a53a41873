#pragma once

// A stable text for how a type is encoded, e.g. "pair<str,u64>". Stored beside state, and compared
// before bytes written for one type are read as another. It names encodings, not C++ names: renaming a
// struct or its fields changes nothing.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <typeinfo>
#include <utility>
#include <vector>

#include "serialization/codec.hpp"

namespace leat {

/// Appends the signature of T. A codec written by hand may say its own by a member
/// `static constexpr std::string_view kSignature`; else it goes by the compiler's name for the type.
template <class T>
struct TypeSignature;

template <class T>
[[nodiscard]] std::string type_signature() {
  std::string text;
  TypeSignature<T>::append(text);
  return text;
}

namespace detail {
template <class... Ts>
void append_signatures(std::string& text, std::string_view open, std::string_view close) {
  text += open;
  std::size_t index = 0;
  ((text += index++ == 0 ? "" : ",", TypeSignature<Ts>::append(text)), ...);
  text += close;
}

template <class T>
constexpr char number_letter() {
  return std::is_floating_point_v<T> ? 'f' : std::is_signed_v<T> ? 'i' : 'u';
}

template <class T>
struct FieldSignatures;
template <class... Ts>
struct FieldSignatures<std::tuple<Ts...>> {
  static void append(std::string& text) { append_signatures<Ts...>(text, "struct{", "}"); }
};
}  // namespace detail

template <class T>
struct TypeSignature {
  static void append(std::string& text) {
    if constexpr (std::is_same_v<T, bool>) {
      text += "bool";
    } else if constexpr (std::is_enum_v<T>) {
      TypeSignature<std::underlying_type_t<T>>::append(text);
    } else if constexpr (Number<T>) {
      text += detail::number_letter<T>();
      text += std::to_string(8 * sizeof(T));
    } else if constexpr (requires { typename Codec<T>::FieldTypes; }) {
      detail::FieldSignatures<typename Codec<T>::FieldTypes>::append(text);
    } else if constexpr (requires { std::string_view(Codec<T>::kSignature); }) {
      text += Codec<T>::kSignature;
    } else {
      text += std::string("type(") + typeid(T).name() + ")";
    }
  }
};

template <>
struct TypeSignature<std::string> {
  static void append(std::string& text) { text += "str"; }
};
template <class A, class B>
struct TypeSignature<std::pair<A, B>> {
  static void append(std::string& text) { detail::append_signatures<A, B>(text, "pair<", ">"); }
};
template <class... Ts>
struct TypeSignature<std::tuple<Ts...>> {
  static void append(std::string& text) { detail::append_signatures<Ts...>(text, "tuple<", ">"); }
};
template <class T>
struct TypeSignature<std::vector<T>> {
  static void append(std::string& text) { detail::append_signatures<T>(text, "vector<", ">"); }
};
template <class T>
struct TypeSignature<std::optional<T>> {
  static void append(std::string& text) { detail::append_signatures<T>(text, "optional<", ">"); }
};

}  // namespace leat
