#pragma once

// LEAT_RECORD(Type, field, field, …) makes a user's struct a record. Write it once, after the struct,
// outside any namespace. Up to 16 fields, each of a type that has a codec.
//
//   struct Visit { std::string url; std::uint64_t user; double seconds; };
//   LEAT_RECORD(Visit, url, user, seconds)
//
// The view of a struct is the struct: decoding assigns its fields, so their memory is reused.

#include <tuple>
#include <type_traits>
#include <utility>

#include "serialization/codec.hpp"

namespace leat {

/// Encodes and decodes field by field through pointers to members.
template <class T, auto... Fields>
struct RecordCodec {
  using View = T;
  using FieldTypes = std::tuple<std::remove_cvref_t<decltype(std::declval<T&>().*Fields)>...>;
  static constexpr std::size_t kFixedBytes =
      detail::fixed_bytes<std::remove_cvref_t<decltype(std::declval<T&>().*Fields)>...>();
  static std::size_t bound(const T& value) {
    return (std::size_t{0} + ... + field_bound(value.*Fields));
  }
  static char* put(char* out, const T& value) {
    ((out = put_field(out, value.*Fields)), ...);
    return out;
  }
  template <class Reader>
  static bool decode(Reader& in, T& value) {
    return (decode_field(in, value.*Fields) && ...);
  }
  static const T& own(const T& value) { return value; }
  static const T& view(const T& value) { return value; }
  template <class Visit>
  static void visit_fields(const T& value, Visit visit) {
    (visit(value.*Fields), ...);
  }

 private:
  template <class F>
  static std::size_t field_bound(const F& field) {
    return Codec<F>::bound(Codec<F>::view(field));
  }
  template <class F>
  static char* put_field(char* out, const F& field) {
    return Codec<F>::put(out, Codec<F>::view(field));
  }
  template <class Reader, class F>
  static bool decode_field(Reader& in, F& field) {
    if constexpr (std::is_same_v<F, typename Codec<F>::View>) {
      return Codec<F>::decode(in, field);
    } else {
      typename Codec<F>::View view{};
      if (!Codec<F>::decode(in, view))
        return false;
      if constexpr (std::is_assignable_v<F&, typename Codec<F>::View>)
        field = view;
      else
        field = Codec<F>::own(view);
      return true;
    }
  }
};

}  // namespace leat

#define LEAT_RECORD(Type, ...) \
  template <>                  \
  struct leat::Codec<Type> : leat::RecordCodec<Type, LEAT_MEMBERS(Type, __VA_ARGS__)> {};

#define LEAT_MEMBERS(T, ...)                                                                    \
  LEAT_PICK(__VA_ARGS__, LEAT_M16, LEAT_M15, LEAT_M14, LEAT_M13, LEAT_M12, LEAT_M11, LEAT_M10,  \
            LEAT_M9, LEAT_M8, LEAT_M7, LEAT_M6, LEAT_M5, LEAT_M4, LEAT_M3, LEAT_M2, LEAT_M1, 0) \
  (T, __VA_ARGS__)
#define LEAT_PICK(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, name, ...) name
#define LEAT_M1(T, a) &T::a
#define LEAT_M2(T, a, ...) &T::a, LEAT_M1(T, __VA_ARGS__)
#define LEAT_M3(T, a, ...) &T::a, LEAT_M2(T, __VA_ARGS__)
#define LEAT_M4(T, a, ...) &T::a, LEAT_M3(T, __VA_ARGS__)
#define LEAT_M5(T, a, ...) &T::a, LEAT_M4(T, __VA_ARGS__)
#define LEAT_M6(T, a, ...) &T::a, LEAT_M5(T, __VA_ARGS__)
#define LEAT_M7(T, a, ...) &T::a, LEAT_M6(T, __VA_ARGS__)
#define LEAT_M8(T, a, ...) &T::a, LEAT_M7(T, __VA_ARGS__)
#define LEAT_M9(T, a, ...) &T::a, LEAT_M8(T, __VA_ARGS__)
#define LEAT_M10(T, a, ...) &T::a, LEAT_M9(T, __VA_ARGS__)
#define LEAT_M11(T, a, ...) &T::a, LEAT_M10(T, __VA_ARGS__)
#define LEAT_M12(T, a, ...) &T::a, LEAT_M11(T, __VA_ARGS__)
#define LEAT_M13(T, a, ...) &T::a, LEAT_M12(T, __VA_ARGS__)
#define LEAT_M14(T, a, ...) &T::a, LEAT_M13(T, __VA_ARGS__)
#define LEAT_M15(T, a, ...) &T::a, LEAT_M14(T, __VA_ARGS__)
#define LEAT_M16(T, a, ...) &T::a, LEAT_M15(T, __VA_ARGS__)
