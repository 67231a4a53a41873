#pragma once

// Keyed aggregation. One operator keeps an accumulator per key; in batch jobs another one may stand
// before the shuffle and send partial accumulators instead of records.
//
// An aggregation A over records of T has
//   using Accumulator = …            a record type, value-initialised for a new key
//   void add(Accumulator&, In<T>) const
//   void merge(Accumulator&, In<Accumulator>) const
//   void emit(In<K>, const Accumulator&, Collector<Out>&) const

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "runtime/api/collector.hpp"
#include "runtime/operators/operator.hpp"
#include "runtime/operators/user_call.hpp"
#include "runtime/state/keyed_map.hpp"

namespace leat::runtime {

enum class EmitWhen : bool { kEveryUpdate, kAtEnd };

/// Accumulates records of T per key; emits each update or once at the end of input.
template <class T, class K, class Out, class A, class KeyFn>
class AggregateOperator final : public Collector<T>, public Operator {
  using Accumulator = typename A::Accumulator;

 public:
  AggregateOperator(const std::string& name, A aggregation, KeyFn key_of, EmitWhen emit_when,
                    Collector<Out>& out)
      : name_(name),
        aggregation_(std::move(aggregation)),
        key_of_(std::move(key_of)),
        emit_when_(emit_when),
        out_(out) {}

  AnyCollector& input() override { return *this; }

  void emit(In<T> record) override {
    try {
      // What the key function returns may be a temporary: it lives as long as this call.
      update(key_form_.call(key_of_, record), record);
    } catch (...) {
      rethrow_labelled(name_);
    }
  }

  /// Looks up the places of all keys before it needs the first: with many keys each lookup would wait
  /// for memory otherwise.
  void emit_all(std::span<const View<T>> records) override {
    if constexpr (kKeysOutliveCalls) {
      while (!records.empty()) {
        const std::size_t count = std::min(records.size(), kLookahead);
        emit_some(records.first(count));
        records = records.subspan(count);
      }
    } else {
      Collector<T>::emit_all(records);
    }
  }

  bool finish(const bool& blocked) override {
    if (emit_when_ == EmitWhen::kEveryUpdate)
      return true;
    if (!finishing_) {
      finishing_ = true;
      next_ = state_.begin();
    }
    try {
      for (; next_ != state_.end(); ++next_) {
        if (blocked)
          return false;
        aggregation_.emit(Codec<K>::view(next_->first), next_->second, out_);
      }
    } catch (...) {
      rethrow_labelled(name_);
    }
    return true;
  }

 private:
  using Key = typename CallResult<KeyFn, T>::type;
  /// Keys that stay valid while the next record's key is taken: values and views into records.
  static constexpr bool kKeysOutliveCalls =
      kTakesView<KeyFn, T> && std::is_trivially_copyable_v<std::remove_cvref_t<Key>>;
  static constexpr std::size_t kLookahead = 16;

  void emit_some(std::span<const View<T>> records) {
    std::array<std::remove_cvref_t<Key>, kLookahead> keys;
    std::array<std::uint64_t, kLookahead> hashes;
    try {
      for (std::size_t i = 0; i < records.size(); ++i) {
        keys[i] = key_of_(records[i]);
        hashes[i] = state_.hash(keys[i]);
        state_.prefetch(keys[i], hashes[i]);
      }
      for (std::size_t i = 0; i < records.size(); ++i)
        update(keys[i], hashes[i], records[i]);
    } catch (...) {
      rethrow_labelled(name_);
    }
  }

  void update(In<K> key, In<T> record) { update(key, state_.hash(key), record); }
  void update(In<K> key, std::uint64_t hash, In<T> record) {
    Accumulator& accumulator = state_.find_or_create(key, hash);
    aggregation_.add(accumulator, record);
    if (emit_when_ == EmitWhen::kEveryUpdate)
      aggregation_.emit(key, accumulator, out_);
  }

  const std::string& name_;
  A aggregation_;
  KeyFn key_of_;
  EmitWhen emit_when_;
  Collector<Out>& out_;
  RecordForm<T> key_form_;
  KeyedMap<K, Accumulator> state_;
  bool finishing_ = false;
  typename KeyedMap<K, Accumulator>::iterator next_;
};

/// The aggregation behind a combiner: its records are (key, partial accumulator).
template <class K, class A>
struct MergePartials {
  using Accumulator = typename A::Accumulator;
  using Out = typename A::Out;
  A aggregation;

  void add(Accumulator& into, In<std::pair<K, Accumulator>> partial) const {
    aggregation.merge(into, partial.second);
  }
  void emit(In<K> key, const Accumulator& accumulator, Collector<Out>& out) const {
    aggregation.emit(key, accumulator, out);
  }
};

/// Combines records of equal keys on their way to a shuffle. A fixed table with one place per hash: a
/// record of another key sends on what was there. Bounded memory, no bulk flush, and frequent keys stay.
template <class T, class K, class A, class KeyFn>
class CombineOperator final : public Collector<T>, public Operator {
  using Accumulator = typename A::Accumulator;
  using Partial = std::pair<K, Accumulator>;

 public:
  /// Places in the table; a power of two.
  static constexpr std::size_t kPlaces = std::size_t{1} << 15U;

  CombineOperator(const std::string& name, A aggregation, KeyFn key_of, Collector<Partial>& out)
      : name_(name),
        aggregation_(std::move(aggregation)),
        key_of_(std::move(key_of)),
        out_(out),
        table_(kPlaces) {}

  AnyCollector& input() override { return *this; }

  void emit(In<T> record) override {
    try {
      combine(key_form_.call(key_of_, record), record);
    } catch (...) {
      rethrow_labelled(name_);
    }
  }

  bool finish(const bool& blocked) override {
    try {
      for (; next_ < table_.size(); ++next_) {
        if (blocked)
          return false;
        if (table_[next_].used)
          send(table_[next_]);
      }
    } catch (...) {
      rethrow_labelled(name_);
    }
    return true;
  }

 private:
  /// The low bits of the hash choose the subtask; the table takes others.
  static constexpr unsigned kGroupBits = 15;

  struct Place {
    std::uint64_t hash = 0;
    bool used = false;
    K key{};
    Accumulator accumulator{};
  };

  void combine(In<K> key, In<T> record) {
    const std::uint64_t hash = hasher_(key);
    Place& place = table_[(hash >> kGroupBits) & (kPlaces - 1)];
    if (!place.used || place.hash != hash || !(Codec<K>::view(place.key) == key)) {
      if (place.used)
        send(place);
      take(place, key, hash);
    }
    aggregation_.add(place.accumulator, record);
  }

  void take(Place& place, In<K> key, std::uint64_t hash) {
    place.hash = hash;
    place.used = true;
    if constexpr (std::is_same_v<K, std::string>)
      place.key.assign(key);
    else
      place.key = Codec<K>::own(key);
    place.accumulator = Accumulator{};
  }

  void send(const Place& place) {
    out_.emit(
        View<Partial>{Codec<K>::view(place.key), Codec<Accumulator>::view(place.accumulator)});
  }

  const std::string& name_;
  A aggregation_;
  KeyFn key_of_;
  Collector<Partial>& out_;
  RecordForm<T> key_form_;
  KeyHasher<K> hasher_;
  std::vector<Place> table_;
  std::size_t next_ = 0;
};

}  // namespace leat::runtime
