#pragma once

// Calls a user's function with a record in the form it takes, and says which operator it was when it
// throws.

#include <cstddef>
#include <exception>
#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

#include "serialization/codec.hpp"

namespace leat::runtime {

/// An exception of user code, labelled with the operator it came from and, on its way up the chain, with
/// the record that caused it.
class OperatorFailure : public std::runtime_error {
 public:
  OperatorFailure(std::string operator_name, const std::string& message,
                  std::optional<std::size_t> record);
  [[nodiscard]] const std::string& operator_name() const { return operator_name_; }

  /// Which one of the records that were handed on together, if that is known. On its way up each operator
  /// says which one of its own it was.
  [[nodiscard]] std::optional<std::size_t> record() const { return record_; }
  void set_record(std::optional<std::size_t> record) { record_ = record; }

 private:
  std::string operator_name_;
  std::optional<std::size_t> record_;
};

/// Rethrows the exception being handled as OperatorFailure, met at `record` of those the operator was given;
/// one that is labelled already keeps its label.
[[noreturn]] void rethrow_labelled(const std::string& operator_name,
                                   std::optional<std::size_t> record = std::nullopt);

/// True if F takes the record as a view; otherwise it gets an owned one.
template <class F, class T, class... Rest>
inline constexpr bool kTakesView = std::is_invocable_v<F&, In<T>, Rest...>;

/// Gives a function its record as it likes it. An owned record is kept from call to call, so that a
/// string's memory is reused.
template <class T>
class RecordForm {
 public:
  template <class F, class... Rest>
  decltype(auto) call(F& function, In<T> record, Rest&&... rest) {
    if constexpr (kTakesView<F, T, Rest...>) {
      return function(record, std::forward<Rest>(rest)...);
    } else {
      static_assert(std::is_invocable_v<F&, const T&, Rest...>,
                    "the function does not take the stream's record type");
      return function(std::as_const(own(record)), std::forward<Rest>(rest)...);
    }
  }

 private:
  T& own(In<T> record) {
    if constexpr (std::is_same_v<T, std::string>)
      owned_.assign(record);
    else
      owned_ = Codec<T>::own(record);
    return owned_;
  }

  T owned_{};
};

/// What F returns for a record of T.
template <class F, class T>
struct CallResult {
  static auto probe() {
    if constexpr (kTakesView<F, T>)
      return std::type_identity<std::invoke_result_t<F&, In<T>>>();
    else
      return std::type_identity<std::invoke_result_t<F&, const T&>>();
  }
  using type = typename decltype(probe())::type;
};

}  // namespace leat::runtime
