#pragma once

// Waits for a submitted job: pulls its rows, shows its progress, cancels it when asked to. Used from
// one thread.

#include <cstdint>

#include "actors/job_client.hpp"
#include "cli/interruption.hpp"
#include "cli/progress_display.hpp"
#include "cli/row_output.hpp"
#include "runtime/base/engine_time.hpp"
#include "runtime/base/ids.hpp"
#include "runtime/base/result.hpp"
#include "serialization/proto/control.pb.h"

namespace leat::cli {

struct FollowedJob {
  JobId id;
  bool collects;  ///< it returns rows
};

class JobFollower {
 public:
  /// All outlive the follower.
  JobFollower(actors::JobClient& client, Interruption& interruption, const Clock& clock,
              ProgressDisplay& progress, RowOutput& rows)
      : client_(client),
        interruption_(interruption),
        clock_(clock),
        progress_(progress),
        rows_(rows) {}

  /// The job's last status; an error if it could not be followed to its end. A request to stop
  /// cancels the job and waits for that.
  Result<proto::JobStatus> follow(const FollowedJob& job);

 private:
  Result<void> pull_rows();
  Result<void> look(Duration max_wait);
  void tell_restart();
  void cancel_if_asked();
  [[nodiscard]] bool done() const;

  actors::JobClient& client_;
  Interruption& interruption_;
  const Clock& clock_;
  ProgressDisplay& progress_;
  RowOutput& rows_;

  FollowedJob job_{};
  proto::JobStatus status_;
  Time looked_at_{};
  bool rows_ended_ = false;
  std::uint32_t told_attempt_ = 1;
  std::uint32_t told_restarts_ = 0;
};

}  // namespace leat::cli
