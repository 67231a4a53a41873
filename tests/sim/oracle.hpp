#pragma once

// What must hold when a run is over.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "tests/sim/sim_job.hpp"
#include "tests/sim_support/sim_cluster.hpp"

namespace leat::sim {

enum class OutputMatch : std::uint8_t {
  kEqual,
  kNoMoreThan,  ///< each record once at most
  kAtLeast,     ///< none is missing
  kLastOnes,    ///< of lines `key<TAB>number`, those with the highest numbers of each key, or none
};

class Oracle {
 public:
  using OnViolation = std::function<void(const std::string&)>;
  Oracle(SimCluster& cluster, OnViolation violate)
      : cluster_(cluster), violate_(std::move(violate)) {}

  /// FINISHED; or, if it may, CANCELED, or FAILED with a reason.
  void check_ending(const proto::JobStatus& status, bool may_be_cancelled, bool may_fail);
  /// Committed files hold these lines, and there is nothing else in the directories; but for hidden files
  /// that nobody could or would remove, if `hidden_may_stay`.
  void check_output(const SimOutput& expected, OutputMatch match, bool hidden_may_stay);
  void check_rows(std::vector<std::string> expected, std::vector<std::string> rows,
                  OutputMatch match);
  /// It FAILED and says why, and another JobManager says the same; it keeps its newest checkpoint with all its
  /// chunks.
  void check_given_up(const proto::JobStatus& status, const proto::JobStatus& later);
  /// Updates of some numbers are in the first job's output, all other numbers in that of the job which
  /// went on without its counts; which it did only if somebody `allowed` that, if there were any.
  void check_replaced(const SimJobParameters& first, const SimJobParameters& second, bool allowed);
  /// Each has left by itself, its job moved through a checkpoint, and nothing of it was a failure.
  void check_leaving(const std::vector<const SimTaskManager*>& leavers,
                     const proto::JobStatus& status);
  /// No slot, request or file of an attempt.
  void check_nothing_left();
  /// Of jobs nothing but their status, and no chunk.
  void check_no_checkpoint_left();

 private:
  void check_last_ones(const std::string& place, const std::vector<std::string>& expected,
                       const std::vector<std::string>& found);
  /// Of all files that are visible in it.
  [[nodiscard]] std::vector<std::string> lines_in(const std::string& directory) const;
  void compare(const std::string& place, std::vector<std::string> expected,
               std::vector<std::string> found, OutputMatch match);

  SimCluster& cluster_;
  OnViolation violate_;
};

}  // namespace leat::sim
