#include "serialization/crc32c.hpp"

#include <string>

#include <gtest/gtest.h>

namespace leat {
namespace {

TEST(Crc32c, HasTheValuesOfRfc3720) {
  EXPECT_EQ(crc32c("123456789"), 0xe3069283U);
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8a9136aaU);
  EXPECT_EQ(crc32c(std::string(32, '\xff')), 0x62a8ab43U);
  EXPECT_EQ(crc32c(""), 0U);
}

TEST(Crc32c, IsTheSameByTableAndByInstruction) {
  std::string bytes;
  for (int size = 0; size < 100; ++size) {
    EXPECT_EQ(crc32c(bytes), detail::crc32c_by_table(bytes, 0)) << size;
    bytes += static_cast<char>(size * 37);
  }
}

TEST(Crc32c, GoesOnFromWhatPrecedes) {
  const std::string bytes = "a checksum may be computed in parts";
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut)
    EXPECT_EQ(crc32c(bytes.substr(cut), crc32c(bytes.substr(0, cut))), crc32c(bytes)) << cut;
}

}  // namespace
}  // namespace leat
