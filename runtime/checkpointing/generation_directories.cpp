#include "runtime/checkpointing/generation_directories.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <optional>

#include <leveldb/env.h>

#include "runtime/checkpointing/leveldb_error.hpp"

namespace leat {

namespace {

constexpr std::string_view kDropped = ".dropped";
constexpr std::size_t kDigits = 8;

std::optional<std::uint64_t> parse_number(std::string_view name) {
  std::uint64_t number = 0;
  const auto parsed = std::from_chars(name.data(), name.data() + name.size(), number);
  if (parsed.ec != std::errc() || parsed.ptr != name.data() + name.size() || name.size() < kDigits)
    return std::nullopt;
  return number;
}

}  // namespace

std::string GenerationDirectories::path(std::uint64_t number) const {
  std::string digits = std::to_string(number);
  if (digits.size() < kDigits)
    digits.insert(0, kDigits - digits.size(), '0');
  return root_ + "/" + digits;
}

std::vector<std::string> GenerationDirectories::children(const std::string& directory) const {
  std::vector<std::string> names;
  if (!env_->GetChildren(directory, &names).ok())
    return {};
  std::erase_if(names, [](const std::string& name) { return name == "." || name == ".."; });
  std::sort(names.begin(), names.end());
  return names;
}

Result<std::vector<std::uint64_t>> GenerationDirectories::list() {
  std::vector<std::string> names;
  if (const auto status = env_->GetChildren(root_, &names); !status.ok())
    return leveldb_error("cannot list " + root_, status);
  dropped_.clear();
  std::vector<std::uint64_t> numbers;
  for (const std::string_view name : names) {
    const bool dropped = name.ends_with(kDropped);
    const auto number =
        parse_number(dropped ? name.substr(0, name.size() - kDropped.size()) : name);
    if (!number)
      continue;
    next_number_ = std::max(next_number_, *number + 1);
    if (dropped)
      dropped_.push_back(path(*number) + std::string(kDropped));
    else if (is_half_created(*number))
      drop(*number);
    else
      numbers.push_back(*number);
  }
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

/// LevelDB names its first manifest in CURRENT before it writes anything else.
bool GenerationDirectories::is_half_created(std::uint64_t number) const {
  for (const std::string_view name : children(path(number)))
    if (name == "CURRENT" || name.ends_with(".ldb") || name.ends_with(".log"))
      return false;
  return true;
}

void GenerationDirectories::drop(std::uint64_t number) {
  dropped_.push_back(path(number));
}

Result<bool> GenerationDirectories::remove_some(std::size_t max_files) {
  std::size_t left = max_files;
  while (!dropped_.empty()) {
    std::string& directory = dropped_.back();
    if (!directory.ends_with(kDropped)) {
      // First of all: a generation that has lost files must not be taken for a damaged one.
      const std::string renamed = directory + std::string(kDropped);
      if (const auto status = env_->RenameFile(directory, renamed); !status.ok())
        return leveldb_error("cannot rename " + directory, status);
      directory = renamed;
    }
    // `lost` is where LevelDB's repair puts what it could not use.
    for (const std::string& inner : {directory + "/lost", directory}) {
      for (const std::string& name : children(inner)) {
        if (inner + "/" + name == directory + "/lost")
          continue;
        if (left-- == 0)
          return true;
        if (const auto status = env_->RemoveFile(inner + "/" + name); !status.ok())
          return leveldb_error("cannot delete " + inner + "/" + name, status);
      }
      if (!env_->FileExists(inner))
        continue;
      if (const auto status = env_->RemoveDir(inner); !status.ok())
        return leveldb_error("cannot delete " + inner, status);
    }
    dropped_.pop_back();
  }
  return false;
}

std::uint64_t GenerationDirectories::bytes_below(const std::string& directory) const {
  std::uint64_t bytes = 0;
  for (const std::string& name : children(directory)) {
    std::uint64_t size = 0;
    if (env_->GetFileSize(directory + "/" + name, &size).ok())
      bytes += size;
  }
  return bytes;
}

std::uint64_t GenerationDirectories::disk_bytes() const {
  std::uint64_t bytes = 0;
  for (const std::string& name : children(root_)) {
    const std::string path = root_ + "/" + name;
    std::uint64_t size = 0;
    const std::uint64_t below = bytes_below(path);
    if (below > 0)
      bytes += below;
    else if (env_->GetFileSize(path, &size).ok())
      bytes += size;
  }
  return bytes;
}

}  // namespace leat
