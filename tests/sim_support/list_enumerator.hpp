#pragma once

// Hands out splits 0, 1, … in order, first come first served.

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "runtime/coordination/returned_splits.hpp"
#include "runtime/coordination/split_enumerator.hpp"
#include "serialization/proto/enumerator.pb.h"

namespace leat::sim {

class ListEnumerator final : public runtime::SplitEnumerator {
 public:
  explicit ListEnumerator(std::vector<proto::Split> splits) : splits_(std::move(splits)) {}

  std::optional<proto::Split> next(std::uint32_t /*subtask*/) override {
    if (auto returned = returned_.next())
      return returned;
    if (next_ == splits_.size())
      return std::nullopt;
    return splits_[next_++];
  }
  void reset(std::uint32_t /*parallelism*/) override {
    next_ = 0;
    returned_.clear();
  }
  [[nodiscard]] std::string snapshot() const override {
    proto::RangeEnumerator state;
    state.set_next_id(next_);
    returned_.save(*state.mutable_returned());
    return state.SerializeAsString();
  }
  Result<void> restore(const std::string& snapshot, std::uint32_t /*parallelism*/) override {
    proto::RangeEnumerator state;
    if (!state.ParseFromString(snapshot) || state.next_id() > splits_.size())
      return Error(ErrorKind::kInput, "the position of a list does not decode");
    next_ = state.next_id();
    returned_.load(state.returned());
    return {};
  }
  void add_back(std::vector<proto::Split> splits) override { returned_.add(std::move(splits)); }

 private:
  std::vector<proto::Split> splits_;
  std::size_t next_ = 0;
  runtime::ReturnedSplits returned_;
};

}  // namespace leat::sim
