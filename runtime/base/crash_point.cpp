#include "runtime/base/crash_point.hpp"

#include <atomic>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <string>
#include <unistd.h>

namespace leat {

bool crash_point_armed = false;

namespace {

std::string armed_name;
std::atomic<std::int64_t> passings_left;

}  // namespace

Result<void> arm_crash_point(std::string_view setting) {
  const std::string_view name = setting.substr(0, setting.find(':'));
  std::int64_t nth = 1;
  if (name.size() < setting.size()) {
    const char* const end = setting.data() + setting.size();
    const auto [rest, failure] = std::from_chars(name.data() + name.size() + 1, end, nth);
    if (failure != std::errc() || rest != end)
      nth = 0;
  }
  if (name.empty() || nth < 1)
    return Error(ErrorKind::kUsage,
                 std::string(kCrashVariable) + "='" + std::string(setting) +
                     "': name a crash point, or a point and a passing from 1, as in "
                     "'manifest-written:2'");
  armed_name = name;
  passings_left = nth;
  crash_point_armed = true;
  return {};
}

void pass_crash_point(std::string_view name) {
  if (name != armed_name || --passings_left != 0)
    return;
  const std::string line = "crash point '" + armed_name + "' reached, ending the process\n";
  // Not through a stream: another thread may hold its lock.
  [[maybe_unused]] const auto written = write(STDERR_FILENO, line.data(), line.size());
  _exit(kCrashExitCode);
}

}  // namespace leat
