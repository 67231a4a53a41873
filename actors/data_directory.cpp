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

/// Only LevelDB would notice, and that when the first actor opens its store.
Result<void> check_store(FileSystem& files, const std::string& path) {
  const auto there = files.exists(path);
  if (there && !*there)
    return {};
  const auto info = files.target_info(path);
  if (!info)
    return info.error();
  if (info->kind != FileKind::kDirectory)
    return Error(ErrorKind::kInput, path +
                                        " is no directory, but the JobManager keeps a store "
                                        "there: move it away, or name another --data-dir");
  return {};
}

}  // namespace

Result<void> prepare_data_directory(FileSystem& files, const std::string& directory) {
  if (const auto made = files.create_directories(directory); !made)
    return unusable(directory, made.error().message());
  if (auto volume = check_volume(directory); !volume)
    return volume;
  if (::access(directory.c_str(), W_OK | X_OK) != 0)
    return unusable(directory, std::strerror(errno));
  for (const std::string& store :
       {meta_path(directory), artefacts_path(directory), chunks_path(directory)})
    if (auto usable = check_store(files, store); !usable)
      return usable;
  return {};
}

std::string meta_path(const std::string& directory) {
  return directory + "/meta";
}

std::string artefacts_path(const std::string& directory) {
  return directory + "/artefacts";
}

std::string chunks_path(const std::string& directory) {
  return directory + "/chunks";
}

}  // namespace leat::actors
