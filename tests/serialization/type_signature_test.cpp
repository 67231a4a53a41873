#include "serialization/type_signature.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "serialization/encoded_size.hpp"
#include "serialization/record.hpp"

namespace leat::test {
namespace {
enum class Colour : std::uint8_t { kRed };
struct Point {
  std::int32_t x = 0;
  double y = 0;
};
struct Place {
  std::string name;
  Point at;
  std::vector<Point> near;
};
struct Opaque {};
struct Named {};
}  // namespace
}  // namespace leat::test

LEAT_RECORD(leat::test::Point, x, y)
LEAT_RECORD(leat::test::Place, name, at, near)
template <>
struct leat::Codec<leat::test::Opaque> {
  using View = leat::test::Opaque;
};
template <>
struct leat::Codec<leat::test::Named> {
  using View = leat::test::Named;
  static constexpr std::string_view kSignature = "protobuf:Named";
};

namespace leat::test {
namespace {

// State is stored with these texts: they must not change.
TEST(TypeSignature, GoldenSignaturesHoldForEver) {
  EXPECT_EQ(type_signature<bool>(), "bool");
  EXPECT_EQ(type_signature<std::int8_t>(), "i8");
  EXPECT_EQ(type_signature<std::uint16_t>(), "u16");
  EXPECT_EQ(type_signature<std::int64_t>(), "i64");
  EXPECT_EQ(type_signature<float>(), "f32");
  EXPECT_EQ(type_signature<double>(), "f64");
  EXPECT_EQ(type_signature<Colour>(), "u8");
  EXPECT_EQ(type_signature<std::string>(), "str");
  EXPECT_EQ((type_signature<std::pair<std::string, std::uint64_t>>()), "pair<str,u64>");
  EXPECT_EQ((type_signature<std::tuple<bool, std::string, float>>()), "tuple<bool,str,f32>");
  EXPECT_EQ(type_signature<std::vector<std::optional<std::int32_t>>>(), "vector<optional<i32>>");
  EXPECT_EQ(type_signature<Place>(), "struct{str,struct{i32,f64},vector<struct{i32,f64}>}");
}

TEST(TypeSignature, AlongsideTheUsersOwnCodecsWordsOrTheTypesName) {
  EXPECT_EQ(type_signature<Named>(), "protobuf:Named");
  EXPECT_EQ(type_signature<Opaque>(), std::string("type(") + typeid(Opaque).name() + ")");
}

TEST(EncodedSize, IsWhatEncodingTakes) {
  ByteWriter scratch;
  EXPECT_EQ(encoded_size<std::string>(scratch, "hello"), 6U);
  EXPECT_EQ(encoded_size<std::uint32_t>(scratch, 7), 4U);
}

}  // namespace
}  // namespace leat::test
