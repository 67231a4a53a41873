#pragma once

// Why an attempt of a job failed, in the words its user reads.

#include <string>

#include "runtime/base/error.hpp"
#include "serialization/proto/control.pb.h"

namespace leat::runtime {

struct FailureCause {
  Error error;
  /// The same would happen again: the job fails without another attempt.
  bool final = false;

  /// "operator 'count' at file a.txt, line at byte 1234: …". Precondition: `failed` holds an error.
  static FailureCause of_subtask(const proto::SubtaskEvent::Failed& failed);

  /// True if `later`, reported while this one is being cleaned up, tells more about the same
  /// trouble: a peer that is gone is most often a consequence of something else.
  [[nodiscard]] bool explained_by(const FailureCause& later) const {
    return error.kind() == ErrorKind::kUnreachable &&
           later.error.kind() != ErrorKind::kUnreachable &&
           later.error.kind() != ErrorKind::kCancelled;
  }
};

}  // namespace leat::runtime
