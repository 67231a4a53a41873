#pragma once

// One split for whichever subtask asks first. Owned by the JobMaster.

#include "runtime/coordination/split_enumerator.hpp"

namespace leat::runtime {

class SingleSplitEnumerator : public SplitEnumerator {
 public:
  std::optional<proto::Split> next(std::uint32_t /*subtask*/) override {
    if (given_)
      return std::nullopt;
    given_ = true;
    return proto::Split();
  }
  void reset(std::uint32_t /*parallelism*/) override { given_ = false; }

 private:
  bool given_ = false;
};

}  // namespace leat::runtime
