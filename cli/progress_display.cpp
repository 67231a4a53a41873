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

/// States before and after RUNNING are worth a plain line if they last.
constexpr Duration kLasting = std::chrono::seconds(1);

}  // namespace

void ProgressDisplay::update(const proto::JobStatus& status, Time now) {
  const std::lock_guard lock(mutex_);
  measure_rate(status, now);
  if (has_ended(status.state()) || !worth_showing(status, now))
    return;
  shown_at_ = now;
  change_shown_ = true;
  if (live_)
    err_ << kEraseLine << progress_text(status, rate_);
  else
    err_ << progress_text(status, rate_) << "\n";
  line_shown_ = live_;
  err_.flush();
}

bool ProgressDisplay::worth_showing(const proto::JobStatus& status, Time now) {
  const std::string subtasks = subtasks_text(status);
  if (status.state() != state_ || subtasks != subtasks_) {
    state_ = status.state();
    subtasks_ = subtasks;
    changed_at_ = now;
    change_shown_ = false;
  }
  const bool lasts = live_ || state_ == proto::JOB_RUNNING || now - changed_at_ >= kLasting;
  const bool due = shown_at_ && now - *shown_at_ >= (live_ ? kLiveInterval : kPlainInterval);
  return due || (!change_shown_ && lasts);
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
