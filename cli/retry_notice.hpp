#pragma once

// Tells a person that something is tried again, without saying the same thing many times a minute.

#include <functional>
#include <string>
#include <utility>

namespace leat::cli {

class RetryNotice {
 public:
  explicit RetryNotice(std::function<void(const std::string&)> say) : say_(std::move(say)) {}

  /// Says a sentence unless it is the one said last.
  void operator()(const std::string& sentence) {
    if (sentence == said_)
      return;
    said_ = sentence;
    say_(sentence);
  }

 private:
  std::function<void(const std::string&)> say_;
  std::string said_;
};

}  // namespace leat::cli
