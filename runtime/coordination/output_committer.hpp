#pragma once

// Makes the output of a checkpoint, or of a finished job, visible, piece by piece, until all of it is: a
// piece whose TaskManager fails, is lost or stays silent is sent again, to another one if there is one. Commits
// are idempotent, so that one too many does no harm. Never gives up. Single-threaded, part of a
// JobMaster.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "runtime/base/engine_time.hpp"
#include "runtime/coordination/job_manager_step.hpp"
#include "runtime/coordination/job_services.hpp"
#include "runtime/coordination/restart_policy.hpp"
#include "serialization/proto/storage.pb.h"

namespace leat::runtime {

class OutputCommitter {
 public:
  /// `checkpoint`: whose output it is; 0: the job's last.
  OutputCommitter(JobServices& services, JobId job, Attempt attempt, std::uint64_t checkpoint,
                  const google::protobuf::RepeatedPtrField<proto::SubtaskCommit>& commits);

  /// Sends what has a TaskManager to go to and is due; call it after every event.
  void pump(JobManagerStep& step);
  void committed(std::uint32_t subtask);
  /// False for an answer that has been given up on: it changes nothing.
  bool failed(std::uint32_t subtask, Incarnation by, const std::string& reason,
              JobManagerStep& step);
  void task_manager_lost(Incarnation task_manager);
  /// A piece is on its way there, or has not been answered.
  [[nodiscard]] bool waits_for(Incarnation task_manager) const;

  [[nodiscard]] bool done() const;
  /// Pieces without an acknowledgement.
  [[nodiscard]] std::vector<proto::SubtaskCommit> left() const;
  /// A commit has failed, or there is no TaskManager to send one to: a person may give the job up.
  [[nodiscard]] bool in_trouble() const;
  [[nodiscard]] Time next_deadline() const;

 private:
  struct Piece {
    proto::SubtaskCommit commit;
    RestartBackoff backoff;
    bool committed = false;
    std::optional<Incarnation> sent_to;
    std::optional<Incarnation> avoid;  // where it failed last
    Time due{};                        // to be sent, or to be sent again
  };
  [[nodiscard]] std::optional<Incarnation> choose(const Piece& piece) const;
  [[nodiscard]] Piece* find(std::uint32_t subtask);

  JobServices& services_;
  JobId job_;
  Attempt attempt_;
  std::uint64_t checkpoint_;
  std::vector<Piece> pieces_;
  bool failed_ = false;  // at least once
};

}  // namespace leat::runtime
