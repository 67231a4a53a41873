#pragma once

// What preparing a job away from the JobManager's thread found out.

#include <memory>
#include <string>
#include <vector>

#include "runtime/coordination/split_enumerator.hpp"

namespace leat::runtime {

struct PreparedJob {
  /// One per Plan.sources, in that order; its listing is frozen.
  std::vector<std::unique_ptr<SplitEnumerator>> enumerators;
  /// Files that every TaskManager of the job must see.
  std::vector<std::string> output_nonces;
};

}  // namespace leat::runtime
