#include "actors/boot_clock.hpp"

#include <chrono>
#include <time.h>

namespace leat::actors {

Time BootClock::now() const {
  timespec time{};
  clock_gettime(CLOCK_BOOTTIME, &time);
  return Time(std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec));
}

std::int64_t unix_ms_at_boot() {
  using std::chrono::duration_cast;
  using std::chrono::milliseconds;
  const auto unix_now =
      duration_cast<milliseconds>(std::chrono::system_clock::now().time_since_epoch());
  const auto since_boot = duration_cast<milliseconds>(BootClock().now().time_since_epoch());
  return (unix_now - since_boot).count();
}

}  // namespace leat::actors
