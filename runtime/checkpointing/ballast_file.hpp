#pragma once

// Space taken so that it can be given back: LevelDB needs some to open a database on a full volume.
// Blocks; used from one thread at a time.

#include <cstdint>
#include <string>

namespace leveldb {
class Env;
}

namespace leat {

class BallastFile {
 public:
  BallastFile(leveldb::Env* env, std::string path, std::uint64_t bytes)
      : env_(env), path_(std::move(path)), bytes_(bytes) {}

  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
  /// True if it is there in full.
  [[nodiscard]] bool present() const;
  /// Takes the space. Leaves nothing behind when it cannot.
  void take() const;
  /// Gives the space back. False if there was none to give.
  [[nodiscard]] bool release() const;

 private:
  leveldb::Env* env_;
  std::string path_;
  std::uint64_t bytes_;
};

}  // namespace leat
