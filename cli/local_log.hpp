#pragma once

// What a person at `leat local` wants of the log: the live line of the progress makes room first, and what
// the client says in words is not said twice. Thread-safe.

#include <atomic>
#include <memory>
#include <utility>

#include "cli/progress_display.hpp"
#include "runtime/base/log_event.hpp"

namespace leat::cli {

class LocalLog final : public LogSink {
 public:
  /// What is logged of the JobManager, which speaks of jobs: all of it if somebody asked for a log level,
  /// else nothing, as the client tells the same.
  enum class JobManagerEvents { kLogged, kTold };

  /// `progress` outlives the log.
  LocalLog(std::unique_ptr<LogSink> log, JobManagerEvents events, ProgressDisplay& progress)
      : log_(std::move(log)), events_(events), progress_(progress) {}

  /// The job has ended, and with it the cluster: that its parts go away is no news.
  void expect_end() { ending_ = true; }

  void write(const LogEvent& event) override {
    const bool told = events_ == JobManagerEvents::kTold && event.component == "jobmanager";
    const bool expected = ending_ && event.level != LogLevel::kError;
    if (told || expected)
      return;
    progress_.clear();
    log_->write(event);
  }

 private:
  std::unique_ptr<LogSink> log_;
  JobManagerEvents events_;
  std::atomic<bool> ending_ = false;
  ProgressDisplay& progress_;
};

}  // namespace leat::cli
