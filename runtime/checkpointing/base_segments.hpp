#pragma once

// Finds the segments that a complete checkpoint holds, so that acknowledgements need not repeat them.
// Single-threaded.

#include <map>
#include <memory>
#include <string>

#include <absl/container/flat_hash_map.h>

#include "runtime/state/segment_id.hpp"
#include "serialization/proto/storage.pb.h"

namespace leat::runtime {

class BaseSegments {
 public:
  /// Null: there is no base.
  explicit BaseSegments(std::shared_ptr<const proto::StoredCheckpoint> manifest)
      : manifest_(std::move(manifest)) {}

  /// Null if it has none of this id. The first call takes time by the number of segments.
  [[nodiscard]] const proto::SegmentSnapshot* find(const std::string& uid,
                                                   const proto::SegmentSnapshot& segment);

 private:
  void index();

  std::shared_ptr<const proto::StoredCheckpoint> manifest_;
  bool indexed_ = false;
  std::map<std::string, absl::flat_hash_map<SegmentId, const proto::SegmentSnapshot*>> segments_;
};

}  // namespace leat::runtime
