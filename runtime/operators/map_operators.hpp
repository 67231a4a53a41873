#pragma once

// map, filter and flat_map: one record in, some records out, no state. Records that come several at once
// go on several at once where they are cheap to gather: one call for each batch, not for each record.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <type_traits>
#include <utility>

#include "runtime/api/collector.hpp"
#include "runtime/operators/operator.hpp"
#include "runtime/operators/user_call.hpp"

namespace leat::runtime {

/// Hands on what an operator has gathered. A failure behind it is told as one of the operator's own
/// records: the gathered one at `i` came of `origin(i)`.
template <class T, class Origin>
void hand_on(const std::string& name, std::span<const View<T>> gathered, Collector<T>& out,
             Origin origin) {
  try {
    out.emit_all(gathered);
  } catch (const OperatorFailure& failure) {
    const auto record = failure.record();
    rethrow_labelled(name, record ? std::optional(origin(*record)) : std::nullopt);
  } catch (...) {
    rethrow_labelled(name);
  }
}

/// Emits one record after the other, so that a failure is told as the one it was.
template <class T>
void emit_each(const std::string& name, std::span<const View<T>> records, Collector<T>& to) {
  std::size_t at = 0;
  try {
    for (; at < records.size(); ++at)
      to.emit(records[at]);
  } catch (...) {
    rethrow_labelled(name, at);
  }
}

template <class T, class Out, class F>
class MapOperator final : public Collector<T>, public Operator {
 public:
  MapOperator(const std::string& name, F function, Collector<Out>& out)
      : name_(name), function_(std::move(function)), out_(out) {}

  AnyCollector& input() override { return *this; }

  void emit(In<T> record) override {
    try {
      // The result may be a temporary: it lives until the end of this full expression.
      out_.emit(view_of<Out>(form_.call(function_, record)));
    } catch (...) {
      rethrow_labelled(name_);
    }
  }

  void emit_all(std::span<const View<T>> records) override {
    if constexpr (kGatherable<Out>) {
      for (std::size_t begin = 0; begin < records.size(); begin += kRecordBatch)
        map_batch(records.subspan(begin, std::min(kRecordBatch, records.size() - begin)), begin);
    } else {
      emit_each<T>(name_, records, *this);
    }
  }

 private:
  /// `begin` of those given to emit_all come before these.
  void map_batch(std::span<const View<T>> batch, std::size_t begin) {
    std::size_t at = 0;
    try {
      for (; at < batch.size(); ++at)
        results_[at] = view_of<Out>(form_.call(function_, batch[at]));
    } catch (...) {
      rethrow_labelled(name_, begin + at);
    }
    hand_on<Out>(name_, std::span(results_).first(at), out_,
                 [begin](std::size_t result) { return begin + result; });
  }

  struct Nothing {};

  const std::string& name_;
  F function_;
  Collector<Out>& out_;
  RecordForm<T> form_;
  [[no_unique_address]] std::conditional_t<kGatherable<Out>, std::array<View<Out>, kRecordBatch>,
                                           Nothing>
      results_{};
};

template <class T, class F>
class FilterOperator final : public Collector<T>, public Operator {
 public:
  FilterOperator(const std::string& name, F function, Collector<T>& out)
      : name_(name), function_(std::move(function)), out_(out) {}

  AnyCollector& input() override { return *this; }

  void emit(In<T> record) override {
    try {
      if (form_.call(function_, record))
        out_.emit(record);
    } catch (...) {
      rethrow_labelled(name_);
    }
  }

  void emit_all(std::span<const View<T>> records) override {
    if constexpr (kCopiesViews) {
      for (std::size_t begin = 0; begin < records.size(); begin += kRecordBatch)
        filter_batch(records.subspan(begin, std::min(kRecordBatch, records.size() - begin)), begin);
    } else {
      emit_each<T>(name_, records, *this);
    }
  }

 private:
  /// What a view refers to outlives emit_all: its copy may be handed on.
  static constexpr bool kCopiesViews =
      std::is_trivially_copy_constructible_v<View<T>> && std::is_trivially_destructible_v<View<T>>;

  /// `begin` of those given to emit_all come before these. Without a branch on what the function says,
  /// which would often be mispredicted.
  void filter_batch(std::span<const View<T>> batch, std::size_t begin) {
    std::size_t at = 0;
    std::size_t kept = 0;
    try {
      for (; at < batch.size(); ++at) {
        kept_[kept] = batch[at];
        origins_[kept] = static_cast<std::uint8_t>(at);
        kept += form_.call(function_, batch[at]) ? 1 : 0;
      }
    } catch (...) {
      rethrow_labelled(name_, begin + at);
    }
    if (kept > 0)
      hand_on<T>(name_, std::span(kept_).first(kept), out_,
                 [this, begin](std::size_t record) { return begin + origins_[record]; });
  }

  struct Nothing {};

  const std::string& name_;
  F function_;
  Collector<T>& out_;
  RecordForm<T> form_;
  [[no_unique_address]] std::conditional_t<kCopiesViews, std::array<View<T>, kRecordBatch>, Nothing>
      kept_{};
  std::array<std::uint8_t, kRecordBatch> origins_{};  ///< of kept_, in the batch
};

template <class T, class Out, class F>
class FlatMapOperator final : public Collector<T>, public Operator {
 public:
  FlatMapOperator(const std::string& name, F function, Collector<Out>& out)
      : name_(name), function_(std::move(function)), out_(out) {}

  AnyCollector& input() override { return *this; }

  void emit(In<T> record) override {
    try {
      form_.call(function_, record, out_);
    } catch (...) {
      rethrow_labelled(name_);
    }
  }

  void emit_all(std::span<const View<T>> records) override { emit_each<T>(name_, records, *this); }

 private:
  const std::string& name_;
  F function_;
  Collector<Out>& out_;
  RecordForm<T> form_;
};

}  // namespace leat::runtime
