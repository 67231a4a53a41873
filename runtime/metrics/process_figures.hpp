#pragma once

// What a process tells about itself, beside its actor. Plain values.

#include <cstdint>
#include <string>

namespace leat::runtime {

struct ProcessFigures {
  std::string role;     ///< "jobmanager", "taskmanager"
  std::string version;  ///< of the build: "0.1.0"
  double uptime_seconds = 0;
  std::uint64_t resident_bytes = 0;
  std::uint64_t open_descriptors = 0;
  std::uint64_t most_descriptors = 0;
};

/// The actor that the process is there for, as its supervisor sees it.
struct SupervisionFigures {
  std::string child;  ///< "task_manager/tm-3f2a9c01"
  bool up = false;    ///< false: it failed and is about to be started again
  std::uint64_t failures = 0;
  std::string last_failure;  ///< empty: none yet
};

/// Where the JobManager keeps what it remembers.
struct VolumeFigures {
  std::uint64_t size_bytes = 0;
  std::uint64_t available_bytes = 0;
};

}  // namespace leat::runtime
