#pragma once

// Combines records of equal keys on their way to a shuffle, and the aggregation that merges what
// arrives behind it (aggregate_operator.hpp says what an aggregation is).

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "runtime/api/collector.hpp"
#include "runtime/operators/key_batch.hpp"
#include "runtime/operators/operator.hpp"
#include "runtime/operators/user_call.hpp"
#include "serialization/key_hash.hpp"

namespace leat::runtime {

/// The aggregation behind a combiner: its records are (key, partial accumulator).
template <class K, class A>
struct MergePartials {
  using Accumulator = typename A::Accumulator;
  using Out = typename A::Out;
  A aggregation;

  void add(Accumulator& into, In<std::pair<K, Accumulator>> partial) const {
    aggregation.merge(into, partial.second);
  }
  template <class To>
  void emit(In<K> key, const Accumulator& accumulator, To& out) const {
    aggregation.emit(key, accumulator, out);
  }
};

/// A fixed table with one place per hash: a record of another key sends on what was there. Memory is
/// bounded, nothing is flushed in bulk, frequent keys stay. Where keys hardly ever repeat it steps
/// aside for a while.
template <class T, class K, class A, class KeyFn>
class CombineOperator final : public Collector<T>, public Operator {
  using Accumulator = typename A::Accumulator;
  using Partial = std::pair<K, Accumulator>;

 public:
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

  void emit_all(std::span<const View<T>> records) override {
    if constexpr (Batch::kPossible) {
      Batch::run(
          name_, key_of_, hasher_, records,
          [this](In<K>, std::uint64_t hash) { __builtin_prefetch(&place_of(hash)); },
          [this](In<K> key, std::uint64_t hash, In<T> record) { combine(key, hash, record); });
    } else {
      Collector<T>::emit_all(records);
    }
  }

  bool finish(const bool& blocked, std::uint32_t& left) override {
    try {
      for (; next_ < table_.size(); ++next_) {
        if (blocked || left == 0)
          return false;
        --left;
        empty(table_[next_]);
      }
    } catch (...) {
      rethrow_labelled(name_);
    }
    return true;
  }

  void before_barrier() override {
    try {
      for (Place& place : table_)
        empty(place);
    } catch (...) {
      rethrow_labelled(name_);
    }
  }

 private:
  using Batch = KeyBatch<T, K, KeyFn>;

  /// Places in the table; a power of two. About as much memory as a core's cache.
  static constexpr std::size_t kPlaces = std::size_t{1} << 14U;
  /// The low bits of the hash choose the subtask; the table takes others.
  static constexpr unsigned kGroupBits = 15;
  /// After so many records it is judged whether combining pays …
  static constexpr std::uint32_t kTrial = 1U << 16U;
  /// … and if most of them were sent on all the same, so many pass uncombined.
  static constexpr std::uint32_t kPassing = 1U << 20U;

  /// In one cache line where it fits, so that it is there when it was prefetched.
  struct alignas(64) Place {
    std::uint64_t hash = 0;
    bool used = false;
    Accumulator accumulator{};
    K key{};
  };

  Place& place_of(std::uint64_t hash) { return table_[(hash >> kGroupBits) & (kPlaces - 1)]; }

  void combine(In<K> key, In<T> record) { combine(key, hasher_(key), record); }
  void combine(In<K> key, std::uint64_t hash, In<T> record) {
    if (passing_ > 0) [[unlikely]] {
      --passing_;
      Accumulator single{};
      aggregation_.add(single, record);
      return send(key, single);
    }
    if (++tried_ == kTrial) [[unlikely]]
      judge();
    Place& place = place_of(hash);
    if (!place.used || place.hash != hash || !(Codec<K>::view(place.key) == key))
      take(place, key, hash);
    aggregation_.add(place.accumulator, record);
  }

  void judge() {
    if (sent_ > kTrial / 4 * 3)
      passing_ = kPassing;
    tried_ = 0;
    sent_ = 0;
  }

  void take(Place& place, In<K> key, std::uint64_t hash) {
    if (place.used) {
      ++sent_;
      send(Codec<K>::view(place.key), place.accumulator);
    }
    place.hash = hash;
    place.used = true;
    if constexpr (std::is_same_v<K, std::string>)
      place.key.assign(key);
    else
      place.key = Codec<K>::own(key);
    place.accumulator = Accumulator{};
  }

  /// Sends on what a place holds, once.
  void empty(Place& place) {
    if (std::exchange(place.used, false))
      send(Codec<K>::view(place.key), place.accumulator);
  }

  void send(In<K> key, const Accumulator& accumulator) {
    out_.emit(View<Partial>{key, Codec<Accumulator>::view(accumulator)});
  }

  const std::string& name_;
  A aggregation_;
  KeyFn key_of_;
  Collector<Partial>& out_;
  RecordForm<T> key_form_;
  KeyHasher<K> hasher_;
  std::vector<Place> table_;
  std::size_t next_ = 0;
  std::uint32_t tried_ = 0;
  std::uint32_t sent_ = 0;
  std::uint32_t passing_ = 0;
};

}  // namespace leat::runtime
