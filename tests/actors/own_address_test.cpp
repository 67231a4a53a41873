#include "actors/own_address.hpp"

#include <gtest/gtest.h>

namespace leat::actors {
namespace {

TEST(OwnAddress, IsANumericAddress) {
  EXPECT_EQ("192.0.2.7", *outward_address("192.0.2.7"));
  EXPECT_EQ("2001:db8::7", *outward_address("2001:db8::7"));
}

TEST(OwnAddress, IsNeverLoopback) {
  for (const char* host : {"127.0.0.1", "127.0.1.1", "::1"}) {
    const auto address = outward_address(host);
    ASSERT_FALSE(address.ok()) << host << " became " << *address;
    EXPECT_NE(std::string::npos, address.error().message().find(host));
  }
}

TEST(OwnAddress, NeedsANameThatExists) {
  EXPECT_FALSE(outward_address("..").ok());
}

}  // namespace
}  // namespace leat::actors
