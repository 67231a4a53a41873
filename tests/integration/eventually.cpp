#include "tests/integration/eventually.hpp"

#include <chrono>
#include <poll.h>

#include "tests/integration/process.hpp"

namespace leat::test {

bool eventually(const std::function<bool()>& condition) {
  constexpr int kPaceMs = 5;
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline)
      return false;
    poll(nullptr, 0, kPaceMs);
  }
  return true;
}

}  // namespace leat::test
