#include "runtime/connectors/text_file_listing.hpp"

#include "runtime/base/quote_name.hpp"
#include "runtime/connectors/part_names.hpp"

namespace leat::runtime {

namespace {

Error unusable(const std::string& reason) {
  return Error(ErrorKind::kInput, "input: " + reason);
}

/// Opens the file once: better refused now than by a subtask in an hour.
Result<void> append_file(FileSystem& files, const std::string& path, std::uint64_t size,
                         std::vector<ListedFile>& listed) {
  if (auto file = files.open_for_read(path); !file)
    return unusable(file.error().message());
  listed.push_back({path, size});
  return {};
}

Result<void> append_directory(FileSystem& files, const std::string& directory,
                              std::vector<ListedFile>& listed) {
  const auto names = files.list(directory);
  if (!names)
    return unusable(names.error().message());
  for (const std::string& name : *names) {
    if (name.starts_with('.'))
      continue;
    const std::string path = path_in(directory, name);
    const auto info = files.info(path);
    if (!info)
      return unusable(info.error().message());
    if (info->kind != FileKind::kRegular)
      continue;
    if (auto appended = append_file(files, path, info->size, listed); !appended)
      return appended;
  }
  return {};
}

Result<void> append_path(FileSystem& files, const std::string& path,
                         std::vector<ListedFile>& listed) {
  const auto info = files.target_info(path);
  if (!info)
    return unusable(info.error().message());
  switch (info->kind) {
    case FileKind::kRegular:
      return append_file(files, path, info->size, listed);
    case FileKind::kDirectory:
      return append_directory(files, path, listed);
    default:
      return unusable(quote_name(path) + " is neither a file nor a directory");
  }
}

}  // namespace

Result<std::vector<ListedFile>> list_text_files(FileSystem& files,
                                                const std::vector<std::string>& paths) {
  if (paths.empty())
    return Error(ErrorKind::kInput, "text files: no path is given; name a file or a directory");
  std::vector<ListedFile> listed;
  for (const std::string& path : paths)
    if (auto appended = append_path(files, path, listed); !appended)
      return appended.error();
  return listed;
}

}  // namespace leat::runtime
