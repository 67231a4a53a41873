#pragma once

// What a waiting command shows on standard error: one line that is rewritten on a terminal; elsewhere
// a line when something changes and every few seconds. Usable from several threads, as log lines pass
// through it too.

#include <mutex>
#include <optional>
#include <ostream>
#include <string>

#include "runtime/base/engine_time.hpp"
#include "serialization/proto/control.pb.h"

namespace leat::cli {

class ProgressDisplay {
 public:
  ProgressDisplay(std::ostream& err, bool live) : err_(err), live_(live) {}

  /// Shows the status if it is time to, or if state or subtasks have changed.
  void update(const proto::JobStatus& status, Time now);
  /// A sentence of its own line.
  void notice(const std::string& sentence);
  /// Takes the live line away, before somebody else writes to the terminal.
  void clear();

 private:
  bool worth_showing(const proto::JobStatus& status, Time now);
  void measure_rate(const proto::JobStatus& status, Time now);
  void clear_locked();

  std::mutex mutex_;
  std::ostream& err_;
  bool live_;
  bool line_shown_ = false;
  std::optional<Time> shown_at_;

  // What the job does, since when, and whether that has been shown.
  proto::JobState state_ = proto::JOB_CREATED;
  std::string subtasks_;
  Time changed_at_{};
  bool change_shown_ = false;

  std::optional<Time> measured_at_;
  std::uint32_t measured_attempt_ = 0;
  std::uint64_t measured_records_ = 0;
  double rate_ = 0;  ///< records per second
};

}  // namespace leat::cli
