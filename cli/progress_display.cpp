#include "cli/progress_display.hpp"

#include <chrono>

#include "cli/status_text.hpp"

namespace leat::cli {

namespace {

/// A terminal is to look alive; a file is to stay short.
constexpr Duration kLiveInterval = std::chrono::milliseconds(200);
constexpr Duration kPlainInterval = std::chrono::seconds(5);
/// Counters arrive with heartbeats: over less than this a rate would be noise.
constexpr Duration kRateInterval = std::chrono::seconds(1);
constexpr const char* kEraseLine = "\r\x1b[K";

/// States that only matter to those who look closely; they get no plain line of their own.
bool is_passing(proto::JobState state) {
  return state == proto::JOB_DEPLOYING || state == proto::JOB_COMMITTING ||
         state == proto::JOB_FAILING || has_ended(state);
}

}  // namespace

void ProgressDisplay::update(const proto::JobStatus& status, Time now) {
  const std::lock_guard lock(mutex_);
  measure_rate(status, now);
  const std::string subtasks = subtasks_text(status);
  const bool changed = status.state() != shown_state_ || subtasks != shown_subtasks_;
  const bool due = !shown_at_ || now - *shown_at_ >= (live_ ? kLiveInterval : kPlainInterval);
  if (has_ended(status.state()) || (!due && !(changed && (live_ || !is_passing(status.state())))))
    return;
  shown_at_ = now;
  shown_state_ = status.state();
  shown_subtasks_ = subtasks;
  if (live_)
    err_ << kEraseLine << progress_text(status, rate_);
  else
    err_ << progress_text(status, rate_) << "\n";
  line_shown_ = live_;
  err_.flush();
}

void ProgressDisplay::measure_rate(const proto::JobStatus& status, Time now) {
  const bool restarted =
      status.attempt() != measured_attempt_ || status.records_in() < measured_records_;
  if (!measured_at_ || restarted) {
    measured_at_ = now;
    measured_attempt_ = status.attempt();
    measured_records_ = status.records_in();
    rate_ = 0;
    return;
  }
  const Duration passed = now - *measured_at_;
  if (passed < kRateInterval)
    return;
  rate_ = static_cast<double>(status.records_in() - measured_records_) /
          std::chrono::duration<double>(passed).count();
  measured_at_ = now;
  measured_records_ = status.records_in();
}

void ProgressDisplay::notice(const std::string& sentence) {
  const std::lock_guard lock(mutex_);
  clear_locked();
  err_ << sentence << "\n";
  err_.flush();
}

void ProgressDisplay::clear() {
  const std::lock_guard lock(mutex_);
  clear_locked();
}

void ProgressDisplay::clear_locked() {
  if (!line_shown_)
    return;
  err_ << kEraseLine;
  err_.flush();
  line_shown_ = false;
}

}  // namespace leat::cli
