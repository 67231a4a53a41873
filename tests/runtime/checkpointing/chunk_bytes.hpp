#pragma once

// Chunks for tests: incompressible, and told apart by their seed.

#include <cstdint>
#include <random>
#include <string>

namespace leat::test {

inline std::string chunk_bytes(std::uint64_t seed, std::size_t size) {
  std::mt19937_64 random(seed);
  std::string bytes;
  bytes.reserve(size + sizeof(std::uint64_t));
  while (bytes.size() < size) {
    const std::uint64_t word = random();
    bytes.append(reinterpret_cast<const char*>(&word), sizeof word);
  }
  bytes.resize(size);
  return bytes;
}

}  // namespace leat::test
