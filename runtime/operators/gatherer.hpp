#pragma once

// Gathers what an operator emits for a batch of records, one by one, and hands it on together.
// Invariant: empty between batches; records that cannot be kept go on at once.

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <type_traits>
#include <utility>

#include "runtime/api/collector.hpp"
#include "runtime/operators/user_call.hpp"

namespace leat::runtime {

template <class T>
class Gatherer final : public Collector<T> {
 public:
  explicit Gatherer(Collector<T>& out) : out_(out) {}

  void emit(In<T> record) override {
    if constexpr (kGatherable<T>) {
      records_[count_] = record;
      if (++count_ == kRecordBatch)
        out_.emit_all(std::span(records_).first(std::exchange(count_, 0)));
    } else {
      out_.emit(record);
    }
  }

  /// What is left of a batch; for an operator of that name.
  void hand_on(const std::string& name) {
    if constexpr (kGatherable<T>) {
      if (count_ == 0)
        return;
      try {
        out_.emit_all(std::span(records_).first(std::exchange(count_, 0)));
      } catch (...) {
        rethrow_labelled(name);
      }
    }
  }

 private:
  struct Nothing {};

  Collector<T>& out_;
  std::size_t count_ = 0;
  [[no_unique_address]] std::conditional_t<kGatherable<T>, std::array<View<T>, kRecordBatch>,
                                           Nothing>
      records_{};
};

}  // namespace leat::runtime
