#include "actors/data_directory.hpp"

#include <cerrno>
#include <cstring>
#include <unistd.h>

#include "actors/process_figures.hpp"

namespace leat::actors {

namespace {

Error unusable(const std::string& directory, const std::string& reason) {
  return Error(ErrorKind::kInput, "the data directory " + directory + " cannot be used: " + reason +
                                      ". Name one with --data-dir that user " +
                                      std::to_string(::geteuid()) +
                                      " may write, on a volume that is mounted for writing");
}

}  // namespace

Result<void> prepare_data_directory(FileSystem& files, const std::string& directory) {
  if (const auto made = files.create_directories(directory); !made)
    return unusable(directory, made.error().message());
  if (auto volume = check_volume(directory); !volume)
    return volume;
  if (::access(directory.c_str(), W_OK | X_OK) != 0)
    return unusable(directory, std::strerror(errno));
  return {};
}

}  // namespace leat::actors
