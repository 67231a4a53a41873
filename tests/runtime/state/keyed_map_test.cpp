#include "runtime/state/keyed_map.hpp"

#include <cstdint>
#include <map>
#include <string>

#include <gtest/gtest.h>

#include "runtime/state/key_group.hpp"

namespace leat::runtime {
namespace {

TEST(KeyedMap, CountsLikeAnOrderedMap) {
  KeyedMap<std::string, std::uint64_t> map;
  std::map<std::string, std::uint64_t> expected;
  for (std::uint64_t i = 0; i < 10'000; ++i) {
    const std::string key = "key " + std::to_string(i * i % 977);
    ++map.find_or_create(key);
    ++expected[key];
  }
  EXPECT_EQ(map.size(), expected.size());
  std::map<std::string, std::uint64_t> found;
  for (const auto& [key, value] : map)
    found[key] = value;
  EXPECT_EQ(found, expected);
}

TEST(KeyedMap, ANewKeyStartsFromAValueInitialisedValue) {
  KeyedMap<std::pair<std::string, std::uint64_t>, double> map;
  EXPECT_EQ(map.find_or_create({"a", 1}), 0.0);
  map.find_or_create({"a", 1}) = 2.5;
  EXPECT_EQ(map.find_or_create({"a", 1}), 2.5);
  EXPECT_EQ(map.find_or_create({"a", 2}), 0.0);
}

}  // namespace
}  // namespace leat::runtime
