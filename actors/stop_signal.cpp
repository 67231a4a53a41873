#include "actors/stop_signal.hpp"

#include <utility>

namespace leat::actors {

void StopSignal::request() {
  const std::lock_guard lock(mutex_);
  stopped_ = true;
  changed_.notify_all();
}

void StopSignal::fail(Error reason) {
  const std::lock_guard lock(mutex_);
  stopped_ = true;
  if (!failure_)
    failure_ = std::move(reason);
  changed_.notify_all();
}

bool StopSignal::stopped() const {
  const std::lock_guard lock(mutex_);
  return stopped_;
}

void StopSignal::wait() const {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return stopped_; });
}

bool StopSignal::wait_for(Duration timeout) const {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, timeout, [this] { return stopped_; });
}

std::optional<Error> StopSignal::failure() const {
  const std::lock_guard lock(mutex_);
  return failure_;
}

}  // namespace leat::actors
