#include "actors/random_id.hpp"

#include <random>

#include <fmt/format.h>

namespace leat::actors {

std::uint64_t random_seed() {
  std::random_device device;
  return (std::uint64_t{device()} << 32U) | device();
}

std::string random_name(const std::string& prefix) {
  return fmt::format("{}-{:08x}", prefix, static_cast<std::uint32_t>(random_seed()));
}

}  // namespace leat::actors
