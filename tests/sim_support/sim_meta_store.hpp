#pragma once

// The JobManager's metadata store as it lies on the volume: it outlives the process. Writes are atomic
// and synced; one under way when the process dies is there or is not, and so is one that was refused.

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "runtime/base/result.hpp"

namespace leat::sim {

class SimMetaStore {
 public:
  using Pairs = std::vector<std::pair<std::string, std::string>>;

  /// An empty value deletes the key.
  Result<void> write(const Pairs& writes) {
    const bool refused = refused_ > 0;
    if (refused && --refused_ % 2 == 0)
      return no_space();
    for (const auto& [key, value] : writes) {
      if (value.empty())
        values_.erase(key);
      else
        values_[key] = value;
    }
    return refused ? no_space() : Result<void>();
  }
  [[nodiscard]] Pairs all() const { return {values_.begin(), values_.end()}; }
  [[nodiscard]] const std::map<std::string, std::string>& values() const { return values_; }
  [[nodiscard]] std::uint64_t next_epoch() { return ++epoch_; }

  /// The next `count` writes are answered by an error; every other one has reached the disk all the same.
  void refuse(std::uint32_t count) { refused_ = count; }
  /// What was written under this key does not decode any more; it must be there.
  void spoil(const std::string& key) { values_.at(key) = "\xff\xff"; }

 private:
  static Result<void> no_space() { return Error(ErrorKind::kIo, "no space left on the device"); }

  std::map<std::string, std::string> values_;
  std::uint64_t epoch_ = 0;
  std::uint32_t refused_ = 0;
};

}  // namespace leat::sim
