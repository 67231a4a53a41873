#pragma once

// What became of a job's newest checkpoints, for people. Bounded. Single-threaded.

#include <cstddef>
#include <cstdint>
#include <deque>

#include "serialization/proto/control.pb.h"

namespace leat::runtime {

class CheckpointHistory {
 public:
  static constexpr std::size_t kKept = 50;

  /// Adds it, or replaces what is known of the same id.
  void note(const proto::CheckpointInfo& info) {
    for (proto::CheckpointInfo& known : infos_) {
      if (known.id() == info.id()) {
        known = info;
        return;
      }
    }
    infos_.push_front(info);
    if (infos_.size() > kKept)
      infos_.pop_back();
  }
  [[nodiscard]] const std::deque<proto::CheckpointInfo>& newest_first() const { return infos_; }

 private:
  std::deque<proto::CheckpointInfo> infos_;
};

}  // namespace leat::runtime
