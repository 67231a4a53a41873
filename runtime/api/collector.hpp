#pragma once

// Where an operator puts its results: the next operator of the chain, or the edge to another stage.

#include <span>

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
