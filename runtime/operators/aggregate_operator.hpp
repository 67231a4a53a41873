#pragma once

// Keeps an accumulator per key and emits results: each update, or once at the end of input.
//
// An aggregation A over records of T has
//   using Accumulator = …            a record type, value-initialised for a new key
//   using Out = …                    what it emits
//   void add(Accumulator&, In<T>) const
//   void merge(Accumulator&, In<Accumulator>) const
//   void emit(In<K>, const Accumulator&, To&) const     To: a Collector<Out>

#include <cstdint>
#include <span>
#include <string>
#include <utility>

#include "runtime/api/collector.hpp"
#include "runtime/operators/gatherer.hpp"
#include "runtime/operators/key_batch.hpp"
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
  AggregateOperator(const OperatorContext& context, A aggregation, KeyFn key_of, EmitWhen emit_when,
                    Collector<Out>& out)
      : name_(context.name),
        aggregation_(std::move(aggregation)),
        key_of_(std::move(key_of)),
        emit_when_(emit_when),
        out_(out),
        state_(context.groups) {}

  AnyCollector& input() override { return *this; }

  void emit(In<T> record) override {
    try {
      // What the key function returns may be a temporary: it lives as long as this call.
      update(key_form_.call(key_of_, record), record);
    } catch (...) {
      rethrow_labelled(name_);
    }
  }

  void emit_all(std::span<const View<T>> records) override {
    if constexpr (Batch::kPossible) {
      update_all(records);
      gathered_.hand_on(name_);
    } else {
      Collector<T>::emit_all(records);
    }
  }

  bool finish(const bool& blocked, std::uint32_t& left) override {
    if (emit_when_ == EmitWhen::kEveryUpdate)
      return true;
    try {
      bool pauses = blocked || left == 0;
      return state_.drain(pauses, [&](In<K> key, const Accumulator& accumulator) {
        aggregation_.emit(key, accumulator, out_);
        pauses = --left == 0 || blocked;
      });
    } catch (...) {
      rethrow_labelled(name_);
    }
  }

  KeyedState* keyed_state() override { return &state_; }

 private:
  using Batch = KeyBatch<T, K, KeyFn>;

  void update_all(std::span<const View<T>> records) requires Batch::kPossible {
    const auto use = [this](In<K> key, std::uint64_t hash, In<T> record) {
      update(key, hash, record, gathered_);
    };
    if (state_.prefetch_pays())
      Batch::run(
          name_, key_of_, hasher_, records,
          [this](In<K> /*key*/, std::uint64_t hash) { state_.prefetch(hash); }, use);
    else
      Batch::run_each(name_, key_of_, hasher_, records, use);
  }

  void update(In<K> key, In<T> record) { update(key, hasher_(key), record, out_); }
  template <class To>
  void update(In<K> key, std::uint64_t hash, In<T> record, To& to) {
    Accumulator& accumulator = state_.find_or_create(key, hash);
    aggregation_.add(accumulator, record);
    if (emit_when_ == EmitWhen::kEveryUpdate)
      aggregation_.emit(key, accumulator, to);
  }

  const std::string& name_;
  A aggregation_;
  KeyFn key_of_;
  EmitWhen emit_when_;
  Collector<Out>& out_;
  Gatherer<Out> gathered_{out_};
  RecordForm<T> key_form_;
  KeyHasher<K> hasher_;
  KeyedMap<K, Accumulator> state_;
};

}  // namespace leat::runtime
