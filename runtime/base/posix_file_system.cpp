#include "runtime/base/posix_file_system.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <dirent.h>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/posix_file.hpp"
#include "runtime/base/quote_name.hpp"

namespace leat {

namespace {

using detail::check_path;
using detail::Descriptor;
using detail::io_error;

constexpr mode_t kFileMode = 0666;       // minus the umask
constexpr mode_t kDirectoryMode = 0777;  // minus the umask

FileInfo file_info(const struct stat& status) {
  FileInfo info;
  if (S_ISREG(status.st_mode))
    info.kind = FileKind::kRegular;
  else if (S_ISDIR(status.st_mode))
    info.kind = FileKind::kDirectory;
  else if (S_ISLNK(status.st_mode))
    info.kind = FileKind::kSymlink;
  info.size = static_cast<std::uint64_t>(status.st_size);
  return info;
}

Descriptor open_retrying(const std::string& path, int flags) {
  while (true) {
    const int fd = ::open(path.c_str(), flags | O_CLOEXEC | O_NOCTTY, kFileMode);
    if (fd >= 0 || errno != EINTR)
      return Descriptor(fd);
  }
}

std::string parent_of(const std::string& path) {
  const std::string parent = std::filesystem::path(path).parent_path().string();
  return parent.empty() ? "." : parent;
}

/// Two names of one file. More than one link, so that a path spelled in two ways does not count.
bool linked_twice(const std::string& a, const std::string& b) {
  struct stat first {};
  struct stat second {};
  return ::lstat(a.c_str(), &first) == 0 && ::lstat(b.c_str(), &second) == 0 &&
         first.st_dev == second.st_dev && first.st_ino == second.st_ino && first.st_nlink > 1;
}

Error rename_error(const std::string& from, const std::string& to, int error_number) {
  return io_error("rename " + quote_name(from) + " to", to, error_number);
}

/// For file systems without RENAME_NOREPLACE (NFS). Two steps; a crash between them leaves both
/// names on one file, which the next call completes.
Result<void> link_and_unlink(const std::string& from, const std::string& to) {
  if (::link(from.c_str(), to.c_str()) != 0) {
    const int error_number = errno;
    if (error_number != EEXIST || !linked_twice(from, to))
      return rename_error(from, to, error_number);
  }
  if (::unlink(from.c_str()) != 0 && errno != ENOENT)
    return rename_error(from, to, errno);
  return {};
}

Result<void> rename_without_replacing(const std::string& from, const std::string& to) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0)
    return {};
  const int error_number = errno;
  const bool unsupported =
      error_number == EINVAL || error_number == ENOSYS || error_number == EOPNOTSUPP;
  const bool halfway = error_number == EEXIST && linked_twice(from, to);
  if (unsupported || halfway)
    return link_and_unlink(from, to);
  return rename_error(from, to, error_number);
}

}  // namespace

Result<FileInfo> PosixFileSystem::info(const std::string& path) {
  if (auto valid = check_path(path); !valid)
    return valid.error();
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0)
    return io_error("find", path, errno);
  return file_info(status);
}

Result<FileInfo> PosixFileSystem::target_info(const std::string& path) {
  if (auto valid = check_path(path); !valid)
    return valid.error();
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0)
    return io_error("find", path, errno);
  return file_info(status);
}

Result<bool> PosixFileSystem::exists(const std::string& path) {
  if (auto valid = check_path(path); !valid)
    return valid.error();
  struct stat status {};
  if (::lstat(path.c_str(), &status) == 0)
    return true;
  if (errno == ENOENT || errno == ENOTDIR)
    return false;
  return io_error("find", path, errno);
}

Result<std::vector<std::string>> PosixFileSystem::list(const std::string& directory) {
  if (auto valid = check_path(directory); !valid)
    return valid.error();
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(::opendir(directory.c_str()), ::closedir);
  if (!stream)
    return io_error("list", directory, errno);
  std::vector<std::string> names;
  errno = 0;
  while (const dirent* entry = ::readdir(stream.get())) {
    std::string name = entry->d_name;
    if (name != "." && name != "..")
      names.push_back(std::move(name));
    errno = 0;
  }
  if (errno != 0)
    return io_error("list", directory, errno);
  std::sort(names.begin(), names.end());
  return names;
}

Result<std::unique_ptr<ReadableFile>> PosixFileSystem::open_for_read(const std::string& path) {
  if (auto valid = check_path(path); !valid)
    return valid.error();
  Descriptor fd = open_retrying(path, O_RDONLY);
  if (fd.get() < 0)
    return io_error("open", path, errno);
  return detail::make_posix_reader(std::move(fd), path);
}

Result<std::unique_ptr<WritableFile>> PosixFileSystem::create(const std::string& path) {
  if (auto valid = check_path(path); !valid)
    return valid.error();
  Descriptor fd = open_retrying(path, O_WRONLY | O_CREAT | O_EXCL);
  if (fd.get() < 0)
    return io_error("create", path, errno);
  return detail::make_posix_writer(std::move(fd), path);
}

Result<void> PosixFileSystem::create_directories(const std::string& path) {
  if (auto valid = check_path(path); !valid)
    return valid;
  std::filesystem::path prefix;
  for (const auto& part : std::filesystem::path(path)) {
    prefix /= part;
    if (part.empty())  // after a trailing slash
      continue;
    const std::string directory = prefix.string();
    if (::mkdir(directory.c_str(), kDirectoryMode) == 0) {
      if (auto synced = sync_directory(parent_of(directory)); !synced)
        return synced;
      continue;
    }
    const int error_number = errno;
    struct stat status {};
    if (::stat(directory.c_str(), &status) != 0)
      return io_error("create the directory", directory, error_number);
    if (!S_ISDIR(status.st_mode))
      return io_error("create the directory", directory, ENOTDIR);
  }
  return {};
}

Result<void> PosixFileSystem::rename(const std::string& from, const std::string& to) {
  if (auto valid = check_path(from); !valid)
    return valid;
  if (auto valid = check_path(to); !valid)
    return valid;
  if (auto renamed = rename_without_replacing(from, to); !renamed)
    return renamed;
  const std::string source = parent_of(from);
  const std::string target = parent_of(to);
  if (source != target)
    if (auto synced = sync_directory(source); !synced)
      return synced;
  return sync_directory(target);
}

Result<void> PosixFileSystem::remove(const std::string& path) {
  if (auto valid = check_path(path); !valid)
    return valid;
  if (::unlink(path.c_str()) != 0 && errno != ENOENT && errno != ENOTDIR)
    return io_error("remove", path, errno);
  return {};
}

Result<void> PosixFileSystem::sync_directory(const std::string& path) {
  if (auto valid = check_path(path); !valid)
    return valid;
  const Descriptor fd = open_retrying(path, O_RDONLY | O_DIRECTORY);
  if (fd.get() < 0)
    return io_error("open the directory", path, errno);
  // Some network file systems have nothing to sync for a directory and say so.
  if (::fsync(fd.get()) != 0 && errno != EINVAL)
    return io_error("sync the directory", path, errno);
  return {};
}

}  // namespace leat
