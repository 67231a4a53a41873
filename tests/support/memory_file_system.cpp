#include "tests/support/memory_file_system.hpp"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <utility>

namespace leat::test {

namespace {

bool is_normal(const std::string& path) {
  return path.size() > 1 && path.front() == '/' && path.back() != '/' &&
         path.find("//") == std::string::npos && path.find("/./") == std::string::npos &&
         path.find("/../") == std::string::npos && !path.ends_with("/.") && !path.ends_with("/..");
}

std::string normal(const std::string& path) {
  if (is_normal(path))
    return path;
  std::string text = std::filesystem::path(path).lexically_normal().string();
  while (text.size() > 1 && text.back() == '/')
    text.pop_back();
  return text.empty() ? "." : text;
}

/// Of a normal path.
std::string parent_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos)
    return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

std::string last_name(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

/// Calls `visit(entry)` for what lies directly in a directory, in order.
template <class Names, class Visit>
void each_in(const Names& names, const std::string& directory, const Visit& visit) {
  const bool relative = directory == ".";
  const std::string prefix = relative ? "" : directory == "/" ? directory : directory + "/";
  for (auto entry = names.lower_bound(prefix);
       entry != names.end() && entry->first.starts_with(prefix); ++entry) {
    if (entry->first != directory && parent_of(entry->first) == directory)
      visit(*entry);
  }
}

bool is_change(FileOperation operation) {
  switch (operation) {
    case FileOperation::kInfo:
    case FileOperation::kList:
    case FileOperation::kOpen:
    case FileOperation::kRead:
    case FileOperation::kClose:
      return false;
    default:
      return true;
  }
}

Error refused(std::string_view action, const std::string& path, std::string_view reason) {
  return Error(ErrorKind::kIo,
               "cannot " + std::string(action) + " '" + path + "': " + std::string(reason));
}

}  // namespace

class MemoryFileSystem::Reader : public ReadableFile {
 public:
  Reader(MemoryFileSystem& files, std::shared_ptr<Node> node, std::string path)
      : files_(files), node_(std::move(node)), path_(std::move(path)) {}

  Result<std::size_t> read_at(std::uint64_t offset, std::span<char> into) override {
    if (auto allowed = files_.allow(FileOperation::kRead, path_); !allowed)
      return allowed.error();
    if (offset >= node_->bytes.size())
      return std::size_t{0};
    return node_->bytes.copy(into.data(), into.size(), offset);
  }

 private:
  MemoryFileSystem& files_;
  std::shared_ptr<Node> node_;
  std::string path_;
};

class MemoryFileSystem::Writer : public WritableFile {
 public:
  Writer(MemoryFileSystem& files, std::shared_ptr<Node> node, std::string path)
      : files_(files), node_(std::move(node)), path_(std::move(path)) {}

  Result<void> append(std::span<const char> bytes) override {
    if (auto allowed = files_.allow_append(path_, bytes.size()); !allowed)
      return allowed;
    node_->bytes.append(bytes.data(), bytes.size());
    node_->written_by = files_.machine_;
    return {};
  }
  Result<void> sync() override {
    if (auto allowed = files_.allow(FileOperation::kSync, path_); !allowed)
      return allowed;
    node_->durable_bytes = node_->bytes;
    return {};
  }
  Result<void> close() override { return files_.allow(FileOperation::kClose, path_); }

 private:
  MemoryFileSystem& files_;
  std::shared_ptr<Node> node_;
  std::string path_;
};

MemoryFileSystem::MemoryFileSystem() {
  add_directory("/");
  add_directory(".");
}

void MemoryFileSystem::add_file(const std::string& path, std::string_view bytes) {
  auto node = std::make_shared<Node>();
  node->bytes = bytes;
  node->durable_bytes = bytes;
  add_directory(parent_of(normal(path)));
  put(path, std::move(node));
}

void MemoryFileSystem::add_directory(const std::string& path) {
  const std::string name = normal(path);
  if (find(name))
    return;
  auto node = std::make_shared<Node>();
  node->kind = FileKind::kDirectory;
  put(name, std::move(node));
  add_directory(parent_of(name));
}

void MemoryFileSystem::add_symlink(const std::string& path, const std::string& target) {
  auto node = std::make_shared<Node>();
  node->kind = FileKind::kSymlink;
  node->target = normal(target);
  put(path, std::move(node));
}

std::optional<std::string> MemoryFileSystem::bytes(const std::string& path) const {
  const auto node = find(path);
  return node && node->kind == FileKind::kRegular ? std::optional(node->bytes) : std::nullopt;
}

std::string MemoryFileSystem::names(const std::string& directory) const {
  std::string joined;
  each_in(now_, normal(directory), [&joined](const auto& entry) {
    joined += (joined.empty() ? "" : " ") + last_name(entry.first);
  });
  return joined;
}

void MemoryFileSystem::fail(FileOperation operation, std::string part, std::string reason) {
  faults_.push_back({operation, std::move(part), std::move(reason)});
}

void MemoryFileSystem::crash() {
  now_ = durable_;
  for (auto& [path, node] : now_)
    node->bytes = node->durable_bytes;
  unsynced_names_.clear();
  changes_left_ = std::numeric_limits<std::uint64_t>::max();
}

void MemoryFileSystem::crash_of(std::uint32_t machine, std::mt19937_64& random) {
  std::vector<std::string> names;
  for (const auto& [path, whose] : unsynced_names_)
    if (whose == machine)
      names.push_back(path);
  for (const std::string& path : names)
    settle_name(path, random() % 2 == 0);
  for (auto& [path, node] : now_) {
    const std::size_t durable = node->durable_bytes.size();
    if (node->written_by != machine || node->bytes.size() == durable)
      continue;
    const std::size_t kept = durable + random() % (node->bytes.size() - durable + 1);
    const bool written = random() % 2 == 0;
    node->bytes.resize(kept);
    if (!written)
      node->bytes.replace(durable, kept - durable, kept - durable, '\0');
    node->durable_bytes = node->bytes;
  }
}

/// The change of a name that nobody synced comes to stay, or has not been.
void MemoryFileSystem::settle_name(const std::string& path, bool keep) {
  unsynced_names_.erase(path);
  Names& from = keep ? now_ : durable_;
  Names& to = keep ? durable_ : now_;
  if (const auto there = from.find(path); there != from.end())
    to[path] = there->second;
  else
    to.erase(path);
}

Result<void> MemoryFileSystem::allow(FileOperation operation, const std::string& path) {
  if (power_is_off())
    return refused("reach", path, "power is off");
  for (const Fault& fault : faults_)
    if (fault.operation == operation && path.find(fault.part) != std::string::npos)
      return refused("use", path, fault.reason);
  if (is_change(operation)) {
    --changes_left_;
    ++changes_;
  }
  return {};
}

Result<void> MemoryFileSystem::allow_append(const std::string& path, std::uint64_t bytes) {
  if (auto allowed = allow(FileOperation::kAppend, path); !allowed)
    return allowed;
  if (bytes > space_)
    return refused("write", path, "No space left on device");
  space_ -= bytes;
  return {};
}

std::string MemoryFileSystem::place(const std::string& path) const {
  std::string name = normal(path);
  const std::string parent = parent_of(name);
  if (parent == name || parent == "." || parent == "/")
    return name;
  const std::string real_parent = place(parent);
  const auto found = now_.find(real_parent);
  const bool linked = found != now_.end() && found->second->kind == FileKind::kSymlink;
  if (!linked && real_parent == parent)
    return name;
  return normal((linked ? place(found->second->target) : real_parent) + "/" + last_name(name));
}

std::shared_ptr<MemoryFileSystem::Node> MemoryFileSystem::find(const std::string& path) const {
  const auto found = now_.find(place(path));
  return found == now_.end() ? nullptr : found->second;
}

std::shared_ptr<MemoryFileSystem::Node> MemoryFileSystem::resolve(const std::string& path) const {
  constexpr int kMostLinks = 40;
  auto node = find(path);
  for (int i = 0; node && node->kind == FileKind::kSymlink; ++i)
    node = i < kMostLinks ? find(node->target) : nullptr;
  return node;
}

void MemoryFileSystem::put(const std::string& path, std::shared_ptr<Node> node) {
  durable_[normal(path)] = node;
  now_[normal(path)] = std::move(node);
}

void MemoryFileSystem::make_names_durable(const std::string& directory) {
  std::vector<std::string> changed;
  each_in(unsynced_names_, directory,
          [&changed](const auto& entry) { changed.push_back(entry.first); });
  for (const std::string& path : changed)
    settle_name(path, /*keep=*/true);
}

Result<FileInfo> MemoryFileSystem::info(const std::string& path) {
  if (auto allowed = allow(FileOperation::kInfo, path); !allowed)
    return allowed.error();
  const auto node = find(path);
  if (!node)
    return refused("find", path, "No such file or directory");
  return FileInfo{node->kind, node->bytes.size()};
}

Result<FileInfo> MemoryFileSystem::target_info(const std::string& path) {
  if (auto allowed = allow(FileOperation::kInfo, path); !allowed)
    return allowed.error();
  const auto node = resolve(path);
  if (!node)
    return refused("find", path, "No such file or directory");
  return FileInfo{node->kind, node->bytes.size()};
}

Result<bool> MemoryFileSystem::exists(const std::string& path) {
  if (auto allowed = allow(FileOperation::kInfo, path); !allowed)
    return allowed.error();
  return find(path) != nullptr;
}

Result<std::vector<std::string>> MemoryFileSystem::list(const std::string& directory) {
  if (auto allowed = allow(FileOperation::kList, directory); !allowed)
    return allowed.error();
  const auto node = resolve(directory);
  if (!node || node->kind != FileKind::kDirectory)
    return refused("list", directory, node ? "Not a directory" : "No such file or directory");
  std::string real = place(directory);
  while (now_.at(real)->kind == FileKind::kSymlink)
    real = place(now_.at(real)->target);
  std::vector<std::string> found;
  each_in(now_, real, [&found](const auto& entry) { found.push_back(last_name(entry.first)); });
  std::sort(found.begin(), found.end());
  return found;
}

Result<std::unique_ptr<ReadableFile>> MemoryFileSystem::open_for_read(const std::string& path) {
  if (auto allowed = allow(FileOperation::kOpen, path); !allowed)
    return allowed.error();
  auto node = resolve(path);
  if (!node)
    return refused("open", path, "No such file or directory");
  return std::unique_ptr<ReadableFile>(std::make_unique<Reader>(*this, std::move(node), path));
}

Result<std::unique_ptr<WritableFile>> MemoryFileSystem::create(const std::string& path) {
  if (auto allowed = allow(FileOperation::kCreate, path); !allowed)
    return allowed.error();
  const auto parent = resolve(parent_of(normal(path)));
  if (!parent || parent->kind != FileKind::kDirectory)
    return refused("create", path, "No such file or directory");
  if (find(path))
    return refused("create", path, "File exists");
  auto node = std::make_shared<Node>();
  node->written_by = machine_;
  now_[place(path)] = node;
  unsynced_names_[place(path)] = machine_;
  return std::unique_ptr<WritableFile>(std::make_unique<Writer>(*this, std::move(node), path));
}

Result<void> MemoryFileSystem::create_directories(const std::string& path) {
  if (auto allowed = allow(FileOperation::kCreateDirectory, path); !allowed)
    return allowed;
  for (std::string name = normal(path);; name = parent_of(name)) {
    const auto node = resolve(name);
    if (node && node->kind != FileKind::kDirectory)
      return refused("create the directory", name, "Not a directory");
    if (node)
      break;
  }
  add_directory(path);
  return {};
}

Result<void> MemoryFileSystem::rename(const std::string& from, const std::string& to) {
  if (auto allowed = allow(FileOperation::kRename, from); !allowed)
    return allowed;
  auto node = find(from);
  if (!node)
    return refused("rename", from, "No such file or directory");
  if (find(to))
    return refused("rename", from, "File exists");
  unsynced_names_[place(from)] = unsynced_names_[place(to)] = machine_;
  now_.erase(place(from));
  now_[place(to)] = std::move(node);
  make_names_durable(parent_of(place(from)));
  make_names_durable(parent_of(place(to)));
  return {};
}

Result<void> MemoryFileSystem::remove(const std::string& path) {
  if (auto allowed = allow(FileOperation::kRemove, path); !allowed)
    return allowed;
  if (now_.erase(place(path)) > 0)
    unsynced_names_[place(path)] = machine_;
  return {};
}

Result<void> MemoryFileSystem::sync_directory(const std::string& path) {
  if (auto allowed = allow(FileOperation::kSyncDirectory, path); !allowed)
    return allowed;
  make_names_durable(place(path));
  return {};
}

}  // namespace leat::test
