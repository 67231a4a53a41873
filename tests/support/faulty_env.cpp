#include "tests/support/faulty_env.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdarg>
#include <cstring>
#include <limits>
#include <utility>

#include "runtime/base/check.hpp"

namespace leat::test {

using leveldb::Slice;
using leveldb::Status;

namespace {

constexpr std::uint64_t kUnlimited = std::numeric_limits<std::uint64_t>::max();

Status os_error(const std::string& path, int number) {
  return Status::IOError(path, std::strerror(number));
}

class SilentLogger : public leveldb::Logger {
 public:
  void Logv(const char* /*format*/, std::va_list /*arguments*/) override {}
};

bool is_inside(const std::string& path, const std::string& directory) {
  return path.size() > directory.size() + 1 && path.starts_with(directory) &&
         path[directory.size()] == '/';
}

}  // namespace

class FaultyEnv::Sequential : public leveldb::SequentialFile {
 public:
  Sequential(FaultyEnv& env, std::string path, std::shared_ptr<Node> node)
      : env_(env), path_(std::move(path)), node_(std::move(node)) {}

  Status Read(std::size_t count, Slice* result, char* scratch) override {
    const std::scoped_lock lock(env_.mutex_);
    if (const Status status = env_.allow(EnvOperation::kRead, path_); !status.ok())
      return status;
    const std::size_t start = std::min(offset_, node_->bytes.size());
    const std::size_t got = node_->bytes.copy(scratch, count, start);
    offset_ = start + got;
    *result = Slice(scratch, got);
    return Status::OK();
  }

  Status Skip(std::uint64_t count) override {
    offset_ += count;
    return Status::OK();
  }

 private:
  FaultyEnv& env_;
  std::string path_;
  std::shared_ptr<Node> node_;
  std::size_t offset_ = 0;
};

class FaultyEnv::RandomAccess : public leveldb::RandomAccessFile {
 public:
  RandomAccess(FaultyEnv& env, std::string path, std::shared_ptr<Node> node)
      : env_(env), path_(std::move(path)), node_(std::move(node)) {}

  Status Read(std::uint64_t offset, std::size_t count, Slice* result,
              char* scratch) const override {
    const std::scoped_lock lock(env_.mutex_);
    if (const Status status = env_.allow(EnvOperation::kRead, path_); !status.ok())
      return status;
    const std::size_t start = std::min<std::size_t>(offset, node_->bytes.size());
    *result = Slice(scratch, node_->bytes.copy(scratch, count, start));
    return Status::OK();
  }

 private:
  FaultyEnv& env_;
  std::string path_;
  std::shared_ptr<Node> node_;
};

class FaultyEnv::Writable : public leveldb::WritableFile {
 public:
  Writable(FaultyEnv& env, std::string path, std::shared_ptr<Node> node)
      : env_(env), path_(std::move(path)), node_(std::move(node)) {}

  Status Append(const Slice& data) override {
    const std::scoped_lock lock(env_.mutex_);
    return env_.append(path_, *node_, {data.data(), data.size()});
  }
  Status Close() override { return Status::OK(); }
  Status Flush() override { return Status::OK(); }
  Status Sync() override {
    const std::scoped_lock lock(env_.mutex_);
    return env_.sync(path_, *node_);
  }

 private:
  FaultyEnv& env_;
  std::string path_;
  std::shared_ptr<Node> node_;
};

class FaultyEnv::Lock : public leveldb::FileLock {
 public:
  explicit Lock(std::string path) : path_(std::move(path)) {}
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

FaultyEnv::FaultyEnv()
    : EnvWrapper(leveldb::Env::Default()), capacity_(kUnlimited), changes_left_(kUnlimited) {}

FaultyEnv::~FaultyEnv() = default;

void FaultyEnv::set_capacity(std::uint64_t bytes) {
  const std::scoped_lock lock(mutex_);
  capacity_ = bytes;
}

std::uint64_t FaultyEnv::free_bytes() const {
  const std::scoped_lock lock(mutex_);
  return capacity_ - std::min(capacity_, used());
}

void FaultyEnv::fail_nth(EnvOperation operation, std::uint64_t nth, std::string part) {
  const std::scoped_lock lock(mutex_);
  faults_.push_back({operation, nth, std::move(part), false});
}

void FaultyEnv::fail_from_nth(EnvOperation operation, std::uint64_t nth, std::string part) {
  const std::scoped_lock lock(mutex_);
  faults_.push_back({operation, nth, std::move(part), true});
}

void FaultyEnv::heal() {
  const std::scoped_lock lock(mutex_);
  faults_.clear();
}

void FaultyEnv::power_off_after(std::uint64_t count) {
  const std::scoped_lock lock(mutex_);
  changes_left_ = count;
}

std::uint64_t FaultyEnv::changes() const {
  const std::scoped_lock lock(mutex_);
  return changes_;
}

void FaultyEnv::restart(UnsyncedTail tail, std::uint64_t seed) {
  const std::scoped_lock lock(mutex_);
  LEAT_CHECK(locks_.empty());
  std::mt19937_64 random(seed);
  if (!pending_.empty()) {
    pending_.resize(random() % (pending_.size() + 1));
    for (const NameChange& change : pending_)
      change(durable_);
    pending_.clear();
  }
  for (auto& [path, node] : durable_) {
    for (const auto& [from, to] : node->lost)
      std::fill(node->bytes.begin() + static_cast<std::ptrdiff_t>(from),
                node->bytes.begin() + static_cast<std::ptrdiff_t>(to), '\0');
    node->lost.clear();
    const std::size_t unsynced = node->bytes.size() - node->synced;
    const std::size_t kept = tail == UnsyncedTail::kLost ? 0 : random() % (unsynced + 1);
    if (tail == UnsyncedTail::kRubbish)
      for (std::size_t i = node->synced + kept; i < node->bytes.size(); ++i)
        node->bytes[i] = random() % 2 == 0 ? '\0' : static_cast<char>(random());
    else
      node->bytes.resize(node->synced + kept);
    node->synced = node->bytes.size();
  }
  now_ = durable_;
  faults_.clear();
  changes_left_ = kUnlimited;
}

bool FaultyEnv::flip_bit(std::string_view part, std::uint64_t seed) {
  const std::scoped_lock lock(mutex_);
  std::vector<Node*> nodes;
  for (const auto& [path, node] : now_)
    if (path.find(part) != std::string::npos && !node->bytes.empty())
      nodes.push_back(node.get());
  if (nodes.empty())
    return false;
  std::mt19937_64 random(seed);
  std::string& bytes = nodes[random() % nodes.size()]->bytes;
  char& byte = bytes[random() % bytes.size()];
  byte = static_cast<char>(static_cast<unsigned char>(byte) ^ 1U << random() % 8);
  return true;
}

bool FaultyEnv::damage(std::string_view content) {
  const std::scoped_lock lock(mutex_);
  bool found = false;
  for (const auto& [path, node] : now_)
    for (std::size_t at = node->bytes.find(content); at != std::string::npos;
         at = node->bytes.find(content, at + content.size())) {
      node->bytes[at + content.size() / 2] ^= 1;
      found = true;
    }
  return found;
}

std::vector<std::string> FaultyEnv::paths(std::string_view part) const {
  const std::scoped_lock lock(mutex_);
  std::vector<std::string> found;
  for (const auto& [path, node] : now_)
    if (path.find(part) != std::string::npos)
      found.push_back(path);
  return found;
}

std::uint64_t FaultyEnv::used() const {
  std::uint64_t bytes = 0;
  for (const auto& [path, node] : now_)
    bytes += node->bytes.size();
  return bytes;
}

Status FaultyEnv::allow(EnvOperation operation, const std::string& path) {
  if (changes_left_ == 0)
    return os_error(path, EIO);
  if (operation != EnvOperation::kRead) {
    ++changes_;
    if (changes_left_ != kUnlimited)
      --changes_left_;
  }
  for (auto fault = faults_.begin(); fault != faults_.end(); ++fault) {
    if (fault->operation != operation || path.find(fault->part) == std::string::npos)
      continue;
    if (fault->left > 1) {
      --fault->left;
      continue;
    }
    if (!fault->lasting)
      faults_.erase(fault);
    return os_error(path, operation == EnvOperation::kRead ? EMFILE : ENOSPC);
  }
  return Status::OK();
}

Status FaultyEnv::append(const std::string& path, Node& node, std::string_view bytes) {
  const Status allowed = allow(EnvOperation::kAppend, path);
  const std::uint64_t room = capacity_ - std::min(capacity_, used());
  if (allowed.ok() && bytes.size() <= room) {
    node.bytes += bytes;
    return allowed;
  }
  if (changes_left_ > 0)  // a short write
    node.bytes += bytes.substr(0, allowed.ok() ? room : bytes.size() / 2);
  return allowed.ok() ? os_error(path, ENOSPC) : allowed;
}

Status FaultyEnv::sync(const std::string& path, Node& node) {
  const Status allowed = allow(EnvOperation::kSync, path);
  if (!allowed.ok() && changes_left_ == 0)
    return allowed;  // the machine is off
  if (!allowed.ok() && node.synced < node.bytes.size())
    node.lost.emplace_back(node.synced, node.bytes.size());
  node.synced = node.bytes.size();
  for (const NameChange& change : pending_)
    change(durable_);
  pending_.clear();
  return allowed;
}

Status FaultyEnv::find(const std::string& path, std::shared_ptr<Node>& node) {
  if (changes_left_ == 0)
    return os_error(path, EIO);
  const auto found = now_.find(path);
  if (found == now_.end())
    return Status::NotFound(path, std::strerror(ENOENT));
  node = found->second;
  return Status::OK();
}

void FaultyEnv::change_names(NameChange change) {
  change(now_);
  pending_.push_back(std::move(change));
}

Status FaultyEnv::NewSequentialFile(const std::string& path, leveldb::SequentialFile** file) {
  const std::scoped_lock lock(mutex_);
  std::shared_ptr<Node> node;
  Status status = allow(EnvOperation::kRead, path);
  if (status.ok())
    status = find(path, node);
  *file = status.ok() ? new Sequential(*this, path, node) : nullptr;
  return status;
}

Status FaultyEnv::NewRandomAccessFile(const std::string& path, leveldb::RandomAccessFile** file) {
  const std::scoped_lock lock(mutex_);
  std::shared_ptr<Node> node;
  Status status = allow(EnvOperation::kRead, path);
  if (status.ok())
    status = find(path, node);
  *file = status.ok() ? new RandomAccess(*this, path, node) : nullptr;
  return status;
}

Status FaultyEnv::NewWritableFile(const std::string& path, leveldb::WritableFile** file) {
  const std::scoped_lock lock(mutex_);
  *file = nullptr;
  if (const Status status = allow(EnvOperation::kCreate, path); !status.ok())
    return status;
  auto node = std::make_shared<Node>();
  change_names([path, node](Names& names) { names[path] = node; });
  *file = new Writable(*this, path, node);
  return Status::OK();
}

Status FaultyEnv::NewAppendableFile(const std::string& path, leveldb::WritableFile** file) {
  const std::scoped_lock lock(mutex_);
  std::shared_ptr<Node> node;
  const Status status = find(path, node);
  *file = status.ok() ? new Writable(*this, path, node) : nullptr;
  return status;
}

bool FaultyEnv::FileExists(const std::string& path) {
  const std::scoped_lock lock(mutex_);
  return changes_left_ > 0 && now_.contains(path);
}

Status FaultyEnv::GetChildren(const std::string& directory, std::vector<std::string>* names) {
  const std::scoped_lock lock(mutex_);
  names->clear();
  std::shared_ptr<Node> node;
  if (const Status status = find(directory, node); !status.ok())
    return status;
  if (!node->directory)
    return os_error(directory, ENOTDIR);
  for (const auto& [path, unused] : now_)
    if (is_inside(path, directory) && path.find('/', directory.size() + 1) == std::string::npos)
      names->push_back(path.substr(directory.size() + 1));
  return Status::OK();
}

Status FaultyEnv::RemoveFile(const std::string& path) {
  const std::scoped_lock lock(mutex_);
  std::shared_ptr<Node> node;
  if (const Status status = allow(EnvOperation::kRemove, path); !status.ok())
    return status;
  if (const Status status = find(path, node); !status.ok())
    return status;
  if (node->directory)
    return os_error(path, EISDIR);
  change_names([path](Names& names) { names.erase(path); });
  return Status::OK();
}

Status FaultyEnv::CreateDir(const std::string& path) {
  const std::scoped_lock lock(mutex_);
  if (const Status status = allow(EnvOperation::kCreate, path); !status.ok())
    return status;
  if (now_.contains(path))
    return os_error(path, EEXIST);
  auto node = std::make_shared<Node>();
  node->directory = true;
  change_names([path, node](Names& names) { names[path] = node; });
  return Status::OK();
}

Status FaultyEnv::RemoveDir(const std::string& path) {
  const std::scoped_lock lock(mutex_);
  if (const Status status = allow(EnvOperation::kRemove, path); !status.ok())
    return status;
  for (const auto& [other, node] : now_)
    if (is_inside(other, path))
      return os_error(path, ENOTEMPTY);
  change_names([path](Names& names) { names.erase(path); });
  return Status::OK();
}

Status FaultyEnv::GetFileSize(const std::string& path, std::uint64_t* size) {
  const std::scoped_lock lock(mutex_);
  std::shared_ptr<Node> node;
  const Status status = find(path, node);
  *size = status.ok() ? node->bytes.size() : 0;
  return status;
}

Status FaultyEnv::RenameFile(const std::string& from, const std::string& to) {
  const std::scoped_lock lock(mutex_);
  std::shared_ptr<Node> node;
  if (const Status status = allow(EnvOperation::kRename, from); !status.ok())
    return status;
  if (const Status status = find(from, node); !status.ok())
    return status;
  change_names([from, to](Names& names) {
    Names moved;
    for (auto entry = names.begin(); entry != names.end();) {
      const bool inside = entry->first == from || is_inside(entry->first, from);
      if (inside)
        moved.emplace(to + entry->first.substr(from.size()), entry->second);
      entry = inside ? names.erase(entry) : std::next(entry);
    }
    for (auto& [path, moved_node] : moved)
      names[path] = moved_node;
  });
  return Status::OK();
}

Status FaultyEnv::LockFile(const std::string& path, leveldb::FileLock** lock) {
  const std::scoped_lock guard(mutex_);
  *lock = nullptr;
  if (const Status status = allow(EnvOperation::kCreate, path); !status.ok())
    return status;
  if (!locks_.insert(path).second)
    return Status::IOError("lock " + path, "already held by process");
  if (!now_.contains(path))
    change_names([path, node = std::make_shared<Node>()](Names& names) { names[path] = node; });
  *lock = new Lock(path);
  return Status::OK();
}

Status FaultyEnv::UnlockFile(leveldb::FileLock* lock) {
  const std::scoped_lock guard(mutex_);
  const std::unique_ptr<Lock> held(static_cast<Lock*>(lock));
  locks_.erase(held->path());
  return Status::OK();
}

Status FaultyEnv::NewLogger(const std::string& /*path*/, leveldb::Logger** logger) {
  *logger = new SilentLogger;
  return Status::OK();
}

}  // namespace leat::test
