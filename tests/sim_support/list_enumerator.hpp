#pragma once

// Hands out splits 0, 1, … in order, first come first served.

#include <cstdint>
#include <optional>

#include "runtime/coordination/split_enumerator.hpp"

namespace leat::sim {

class ListEnumerator final : public runtime::SplitEnumerator {
 public:
  explicit ListEnumerator(std::vector<proto::Split> splits) : splits_(std::move(splits)) {}

  std::optional<proto::Split> next(std::uint32_t /*subtask*/) override {
    if (next_ == splits_.size())
      return std::nullopt;
    return splits_[next_++];
  }
  void reset(std::uint32_t /*parallelism*/) override { next_ = 0; }

 private:
  std::vector<proto::Split> splits_;
  std::size_t next_ = 0;
};

}  // namespace leat::sim
