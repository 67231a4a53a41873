#pragma once

// Keeps the distinct words' bytes in large blocks, so that no word is allocated alone.
// Any thread; one instance per map.
// Invariant: a returned view stays valid as long as the arena lives.

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

namespace leat::bench {

class Arena {
 public:
  std::string_view keep(std::string_view bytes) {
    if (bytes.size() > left_)
      add_block(bytes.size());
    std::memcpy(next_, bytes.data(), bytes.size());
    const std::string_view kept(next_, bytes.size());
    next_ += bytes.size();
    left_ -= bytes.size();
    return kept;
  }

 private:
  static constexpr std::size_t kBlockBytes = 1U << 20U;

  void add_block(std::size_t at_least) {
    left_ = std::max(kBlockBytes, at_least);
    blocks_.push_back(std::make_unique_for_overwrite<char[]>(left_));
    next_ = blocks_.back().get();
  }

  std::vector<std::unique_ptr<char[]>> blocks_;
  char* next_ = nullptr;
  std::size_t left_ = 0;
};

}  // namespace leat::bench
