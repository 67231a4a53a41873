#pragma once

// A log sink that keeps events and lets a test wait for one; prints them if LEAT_TEST_LOG is set.

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "actors/log_format.hpp"
#include "runtime/base/log_event.hpp"

namespace leat::test {

class RecordingLog final : public LogSink {
 public:
  void write(const LogEvent& event) override {
    const std::lock_guard lock(mutex_);
    if (std::getenv("LEAT_TEST_LOG") != nullptr)
      std::fprintf(stderr, "%s\n", actors::format_text(event, "").c_str());
    events_.push_back(event);
    changed_.notify_all();
  }

  /// The `count`-th event of that name, if it comes within half a minute; otherwise one of no name.
  LogEvent await(const std::string& event, std::size_t count = 1) {
    std::unique_lock lock(mutex_);
    LogEvent found;
    changed_.wait_for(lock, std::chrono::seconds(30), [&] {
      std::size_t seen = 0;
      for (const LogEvent& one : events_)
        if (one.event == event && ++seen == count) {
          found = one;
          return true;
        }
      return false;
    });
    return found;
  }

  [[nodiscard]] std::size_t count(const std::string& event) {
    const std::lock_guard lock(mutex_);
    return static_cast<std::size_t>(std::count_if(
        events_.begin(), events_.end(), [&](const LogEvent& one) { return one.event == event; }));
  }

  static std::string field(const LogEvent& event, const std::string& name) {
    for (const auto& [key, value] : event.fields)
      if (key == name)
        return value;
    return "";
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<LogEvent> events_;
};

}  // namespace leat::test
