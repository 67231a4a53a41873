#pragma once

// One line for a person and for machines: `level component event=name key=value …`. The engine
// returns these as values; whoever drives it hands them to the log sink.

#include <string>
#include <utility>
#include <vector>

namespace leat {

enum class LogLevel { kDebug, kInfo, kWarn, kError };

struct LogEvent {
  LogLevel level = LogLevel::kInfo;
  std::string component;  ///< "jobmanager", "taskmanager", "supervisor", "slot", "client"
  std::string event;      ///< stable name, e.g. "child_failed"
  std::vector<std::pair<std::string, std::string>> fields;
};

/// Receives log events; implementations are thread-safe.
class LogSink {
 public:
  virtual ~LogSink() = default;
  virtual void write(const LogEvent& event) = 0;
};

}  // namespace leat
