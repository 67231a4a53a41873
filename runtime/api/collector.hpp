#pragma once

// Where an operator puts its results: the next operator of the chain, or the edge to another stage.

#include <cstddef>
#include <span>
#include <type_traits>

#include "serialization/codec.hpp"

namespace leat {

/// Base of all collectors, for code that knows the record type only at run time.
class AnyCollector {
 public:
  AnyCollector() = default;
  AnyCollector(const AnyCollector&) = delete;
  AnyCollector& operator=(const AnyCollector&) = delete;
  virtual ~AnyCollector() = default;
};

/// How many records the engine hands on at once: enough to pay for a call and to hide a cache miss
/// behind the next records' work, few enough to stop soon when an output is full.
inline constexpr std::size_t kRecordBatch = 16;

/// Records of T refer to nothing outside themselves and are cheap to copy: several may be gathered
/// before they are handed on.
template <class T>
inline constexpr bool kGatherable = std::is_same_v<T, View<T>>&&
    std::is_trivially_copy_constructible_v<T>&& std::is_trivially_destructible_v<T>;

/// `emit` takes a view of T (std::string_view for strings); it is read before emit returns.
template <class T>
class Collector : public AnyCollector {
 public:
  virtual void emit(In<T> record) = 0;

  /// The same for several records at once, for what gains from seeing the next ones.
  virtual void emit_all(std::span<const View<T>> records) {
    for (const View<T>& record : records)
      emit(record);
  }
};

}  // namespace leat
