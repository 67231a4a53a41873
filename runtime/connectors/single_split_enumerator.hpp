#pragma once

// One split for whichever subtask asks first. Owned by the JobMaster.

#include <string>
#include <utility>
#include <vector>

#include "runtime/coordination/returned_splits.hpp"
#include "runtime/coordination/split_enumerator.hpp"
#include "serialization/proto/enumerator.pb.h"

namespace leat::runtime {

class SingleSplitEnumerator : public SplitEnumerator {
 public:
  std::optional<proto::Split> next(std::uint32_t /*subtask*/) override {
    if (auto returned = returned_.next())
      return returned;
    if (given_)
      return std::nullopt;
    given_ = true;
    return proto::Split();
  }
  void reset(std::uint32_t /*parallelism*/) override {
    given_ = false;
    returned_.clear();
  }
  [[nodiscard]] std::string snapshot() const override {
    proto::SingleEnumerator state;
    state.set_given(given_);
    returned_.save(*state.mutable_returned());
    return state.SerializeAsString();
  }
  Result<void> restore(const std::string& snapshot, std::uint32_t /*parallelism*/) override {
    proto::SingleEnumerator state;
    if (!state.ParseFromString(snapshot))
      return Error(ErrorKind::kInput, "the position of a source of one split does not decode");
    given_ = state.given();
    returned_.load(state.returned());
    return {};
  }
  void add_back(std::vector<proto::Split> splits) override { returned_.add(std::move(splits)); }

 private:
  bool given_ = false;
  ReturnedSplits returned_;
};

}  // namespace leat::runtime
