#include "actors/process_figures.hpp"

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <system_error>
#include <unistd.h>

namespace leat::actors {

namespace {

/// Below this a store could not even put its log on.
constexpr std::uint64_t kLeastRoomBytes = std::uint64_t{4} << 20U;

// As good as the process's own start, which is some milliseconds earlier.
const auto kStart = std::chrono::steady_clock::now();

std::uint64_t resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  std::uint64_t total = 0;
  std::uint64_t resident = 0;
  if (!(statm >> total >> resident))
    return 0;
  return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

std::uint64_t open_descriptors() {
  std::error_code error;
  std::uint64_t open = 0;
  for (std::filesystem::directory_iterator file("/proc/self/fd", error), end; !error && file != end;
       file.increment(error))
    ++open;
  return open > 0 ? open - 1 : 0;  // one was for looking
}

std::uint64_t most_descriptors() {
  rlimit limit{};
  return ::getrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : 0;
}

Result<struct statvfs> stat_volume(const std::string& directory) {
  struct statvfs status {};
  if (::statvfs(directory.c_str(), &status) != 0)
    return Error(ErrorKind::kIo, "the data directory " + directory +
                                     " cannot be looked at: " + std::strerror(errno));
  return status;
}

std::uint64_t available_bytes(const struct statvfs& status) {
  return std::uint64_t{status.f_bavail} * status.f_frsize;
}

}  // namespace

runtime::ProcessFigures process_figures(const std::string& role) {
  const std::chrono::duration<double> uptime = std::chrono::steady_clock::now() - kStart;
  return {
      role, LEAT_VERSION, uptime.count(), resident_bytes(), open_descriptors(), most_descriptors()};
}

Result<runtime::VolumeFigures> volume_figures(const std::string& directory) {
  const auto status = stat_volume(directory);
  if (!status)
    return status.error();
  return runtime::VolumeFigures{std::uint64_t{status->f_blocks} * status->f_frsize,
                                available_bytes(*status)};
}

Result<void> check_volume(const std::string& directory) {
  const auto status = stat_volume(directory);
  if (!status)
    return status.error();
  if ((status->f_flag & ST_RDONLY) != 0)
    return Error(ErrorKind::kIo, "the volume of the data directory " + directory +
                                     " takes no writes (" + std::strerror(EROFS) +
                                     "): mount it for reading and writing");
  if (available_bytes(*status) < kLeastRoomBytes)
    return Error(ErrorKind::kIo, "the volume of the data directory " + directory + " is full (" +
                                     std::strerror(ENOSPC) + ", " +
                                     std::to_string(available_bytes(*status)) +
                                     " bytes are left): make room on it, or enlarge it");
  return {};
}

}  // namespace leat::actors
