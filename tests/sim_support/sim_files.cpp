#include "tests/sim_support/sim_files.hpp"

#include <utility>

namespace leat::sim {

class SimFiles::Writer final : public WritableFile {
 public:
  Writer(SimFiles& files, std::unique_ptr<WritableFile> file, std::string path)
      : files_(files), file_(std::move(file)), path_(std::move(path)) {}

  Result<void> append(std::span<const char> bytes) override {
    if (auto allowed = files_.change(path_); !allowed)
      return allowed;
    return file_->append(bytes);
  }
  Result<void> sync() override {
    if (auto allowed = files_.change(path_); !allowed)
      return allowed;
    return file_->sync();
  }
  Result<void> close() override {
    if (auto allowed = files_.look(path_); !allowed)
      return allowed;
    return file_->close();
  }

 private:
  SimFiles& files_;
  std::unique_ptr<WritableFile> file_;
  std::string path_;
};

Result<void> SimFiles::look(const std::string& path) const {
  if (dead_)
    return Error(ErrorKind::kIo, "cannot reach '" + path + "': the process has died");
  return {};
}

Result<void> SimFiles::change(const std::string& path) {
  if (die_ && changes_left_-- == 0)
    std::exchange(die_, {})();
  if (auto allowed = look(path); !allowed)
    return allowed;
  storage_.act_as(machine_);
  return {};
}

Result<FileInfo> SimFiles::info(const std::string& path) {
  if (auto allowed = look(path); !allowed)
    return allowed.error();
  return storage_.info(path);
}

Result<FileInfo> SimFiles::target_info(const std::string& path) {
  if (auto allowed = look(path); !allowed)
    return allowed.error();
  return storage_.target_info(path);
}

Result<bool> SimFiles::exists(const std::string& path) {
  if (auto allowed = look(path); !allowed)
    return allowed.error();
  return storage_.exists(path);
}

Result<std::vector<std::string>> SimFiles::list(const std::string& directory) {
  if (auto allowed = look(directory); !allowed)
    return allowed.error();
  return storage_.list(directory);
}

Result<std::unique_ptr<ReadableFile>> SimFiles::open_for_read(const std::string& path) {
  if (auto allowed = look(path); !allowed)
    return allowed.error();
  return storage_.open_for_read(path);
}

Result<std::unique_ptr<WritableFile>> SimFiles::create(const std::string& path) {
  if (auto allowed = change(path); !allowed)
    return allowed.error();
  auto file = storage_.create(path);
  if (!file)
    return file.error();
  return std::unique_ptr<WritableFile>(std::make_unique<Writer>(*this, std::move(*file), path));
}

Result<void> SimFiles::create_directories(const std::string& path) {
  if (auto allowed = change(path); !allowed)
    return allowed;
  return storage_.create_directories(path);
}

Result<void> SimFiles::rename(const std::string& from, const std::string& to) {
  if (auto allowed = change(from); !allowed)
    return allowed;
  return storage_.rename(from, to);
}

Result<void> SimFiles::remove(const std::string& path) {
  if (auto allowed = change(path); !allowed)
    return allowed;
  return storage_.remove(path);
}

Result<void> SimFiles::sync_directory(const std::string& path) {
  if (auto allowed = change(path); !allowed)
    return allowed;
  return storage_.sync_directory(path);
}

}  // namespace leat::sim
