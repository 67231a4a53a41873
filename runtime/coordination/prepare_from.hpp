#pragma once

// What a job that is prepared begins with.

#include <set>
#include <string>

namespace leat::runtime {

struct PrepareFrom {
  /// It goes on from a checkpoint or savepoint: output directories may hold output.
  bool checkpoint = false;
  /// Uids of sources whose listing is in the checkpoint: their inputs are not looked at.
  std::set<std::string> sources;
};

}  // namespace leat::runtime
