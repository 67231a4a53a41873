#pragma once

// What a job that is prepared begins with.

#include <set>
#include <string>

#include "serialization/proto/storage.pb.h"

namespace leat::runtime {

struct PrepareFrom {
  /// It goes on from a checkpoint or savepoint: output directories may hold output.
  bool checkpoint = false;
  /// Uids of sources whose listing is in the checkpoint: their inputs are not looked at.
  std::set<std::string> sources;
};

[[nodiscard]] inline PrepareFrom prepare_from(const proto::StoredCheckpoint& checkpoint) {
  PrepareFrom from;
  from.checkpoint = true;
  for (const proto::SourceSnapshot& source : checkpoint.sources())
    from.sources.insert(source.uid());
  return from;
}

}  // namespace leat::runtime
