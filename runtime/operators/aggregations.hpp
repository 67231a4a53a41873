#pragma once

// The aggregations behind count(), sum(), reduce() and aggregate(); aggregate_operator.hpp says what
// an aggregation is.

#include <cstdint>
#include <optional>
#include <utility>

#include "runtime/api/collector.hpp"

namespace leat::runtime {

/// Results as pairs of key and value, to a Collector of them. Its own type is known to the caller, so that
/// emitting need not be a virtual call.
template <class K, class V, class To>
void emit_pair(In<K> key, In<V> value, To& out) {
  out.emit(View<std::pair<K, V>>{key, value});
}

template <class T, class K>
struct CountAggregation {
  using Accumulator = std::uint64_t;
  using Out = std::pair<K, std::uint64_t>;
  void add(Accumulator& count, In<T> /*record*/) const { ++count; }
  void merge(Accumulator& count, Accumulator other) const { count += other; }
  template <class To>
  void emit(In<K> key, Accumulator count, To& out) const {
    emit_pair<K, Accumulator>(key, count, out);
  }
};

/// `Field` takes a view of T and returns the number to add.
template <class T, class K, class N, class Field>
struct SumAggregation {
  using Accumulator = N;
  using Out = std::pair<K, N>;
  Field field;
  void add(N& sum, In<T> record) const { sum = static_cast<N>(sum + field(record)); }
  void merge(N& sum, N other) const { sum = static_cast<N>(sum + other); }
  template <class To>
  void emit(In<K> key, N sum, To& out) const {
    emit_pair<K, N>(key, sum, out);
  }
};

/// `F` combines two records of T into one; associative.
template <class T, class K, class F>
struct ReduceAggregation {
  using Accumulator = std::optional<T>;
  using Out = T;
  F function;
  void add(Accumulator& reduced, In<T> record) const { combine(reduced, Codec<T>::own(record)); }
  void merge(Accumulator& reduced, In<Accumulator> other) const {
    if (other)
      combine(reduced, Codec<T>::own(*other));
  }
  template <class To>
  void emit(In<K> /*key*/, const Accumulator& reduced, To& out) const {
    out.emit(Codec<T>::view(*reduced));
  }

 private:
  void combine(Accumulator& reduced, const T& record) const {
    if (reduced)
      reduced = function(std::as_const(*reduced), record);
    else
      reduced = record;
  }
};

/// A user's aggregation `U`: Accumulator, add, merge, and result(const Accumulator&).
template <class T, class K, class U>
struct UserAggregation {
  using Accumulator = typename U::Accumulator;
  using Value =
      Owned<decltype(std::declval<const U&>().result(std::declval<const Accumulator&>()))>;
  using Out = std::pair<K, Value>;
  U user;
  void add(Accumulator& into, In<T> record) const { user.add(into, record); }
  void merge(Accumulator& into, In<Accumulator> other) const {
    user.merge(into, Codec<Accumulator>::own(other));
  }
  template <class To>
  void emit(In<K> key, const Accumulator& accumulator, To& out) const {
    const Value value = user.result(accumulator);
    emit_pair<K, Value>(key, Codec<Value>::view(value), out);
  }
};

}  // namespace leat::runtime
