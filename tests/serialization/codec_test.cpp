#include "serialization/codec.hpp"

#include <cstdint>
#include <limits>
#include <optional>
#include <random>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "serialization/record.hpp"

namespace leat {
namespace {

struct Order {
  std::string customer;
  std::vector<std::string> items;
  std::optional<double> discount;
  std::pair<std::int32_t, bool> flags;
  auto operator<=>(const Order&) const = default;
};

}  // namespace
}  // namespace leat

LEAT_RECORD(leat::Order, customer, items, discount, flags)

namespace leat {
namespace {

template <class T>
std::string encoded(const T& value) {
  ByteWriter out;
  encode<T>(out, Codec<T>::view(value));
  return std::string(out.view());
}

template <class T>
std::optional<T> decoded(std::string_view bytes) {
  ByteReader in(bytes);
  View<T> value{};
  if (!Codec<T>::decode(in, value) || !in.empty())
    return std::nullopt;
  return Codec<T>::own(value);
}

/// Round trip; every truncation is refused; flipped bits never crash.
template <class T>
void expect_sound(const T& value) {
  const std::string bytes = encoded(value);
  const auto back = decoded<T>(bytes);
  ASSERT_TRUE(back.has_value());
  EXPECT_EQ(*back, value);
  if constexpr (kFixedBytes < T >> 0) {
    EXPECT_EQ(bytes.size(), kFixedBytes<T>);
    UncheckedReader unchecked(bytes);
    View<T> read{};
    EXPECT_TRUE(Codec<T>::decode(unchecked, read));
    EXPECT_EQ(read, value);
  }
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    // A copy of exactly that length, so that a sanitizer sees a read past its end.
    const std::vector<char> cut(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(length));
    EXPECT_FALSE(decoded<T>({cut.data(), cut.size()}).has_value()) << "cut to " << length;
  }
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string flipped = bytes;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    (void)decoded<T>(flipped);
  }
}

class RandomValues {
 public:
  template <class N>
  N number() {
    return std::uniform_int_distribution<N>(std::numeric_limits<N>::min(),
                                            std::numeric_limits<N>::max())(random_);
  }
  std::string text() {
    std::string text(std::uniform_int_distribution<std::size_t>(0, 300)(random_), '\0');
    for (char& c : text)
      c = static_cast<char>(number<std::int16_t>());
    return text;
  }
  std::vector<std::string> texts() {
    std::vector<std::string> all(number<std::uint16_t>() % 5);
    for (std::string& one : all)
      one = text();
    return all;
  }

 private:
  std::mt19937_64 random_{20261122};
};

TEST(Codec, EveryTypeSurvivesARoundTripAndRefusesTruncation) {
  RandomValues random;
  for (int round = 0; round < 50; ++round) {
    expect_sound(random.number<std::int16_t>());
    expect_sound(random.number<std::uint64_t>());
    expect_sound(static_cast<double>(random.number<std::int64_t>()) / 3);
    expect_sound(random.number<std::int16_t>() > 0);
    expect_sound(random.text());
    expect_sound(std::pair(random.text(), random.number<std::uint32_t>()));
    expect_sound(std::tuple(random.number<std::int64_t>(), random.text(), random.text()));
    expect_sound(random.texts());
    expect_sound(std::tuple(random.number<std::int64_t>(), true,
                            std::pair(random.number<std::uint8_t>(), 0.5)));
    expect_sound(std::optional<std::string>(random.text()));
    expect_sound(std::optional<std::uint64_t>());
    expect_sound(Order{random.text(), random.texts(), 0.25, {random.number<std::int32_t>(), true}});
  }
}

TEST(Codec, RandomBytesNeverCrash) {
  RandomValues random;
  for (int round = 0; round < 2'000; ++round) {
    const std::string bytes = random.text();
    (void)decoded<std::string>(bytes);
    (void)decoded<std::vector<std::uint64_t>>(bytes);
    (void)decoded<Order>(bytes);
    (void)decoded<std::tuple<bool, std::optional<std::string>, double>>(bytes);
  }
}

TEST(Codec, AHostileCountAllocatesNothing) {
  ByteWriter out;
  out.commit(put_varint(out.reserve(kMaxVarintBytes), std::uint64_t{1} << 60U));
  EXPECT_FALSE(decoded<std::vector<std::uint64_t>>(out.view()).has_value());
  EXPECT_FALSE(decoded<std::string>(out.view()).has_value());
}

TEST(Codec, EncodingsAreTheDocumentedOnes) {
  EXPECT_EQ(encoded(std::uint32_t{0x01020304}), std::string("\x04\x03\x02\x01", 4));
  EXPECT_EQ(encoded(std::string("ab")), std::string("\x02"
                                                    "ab"));
  EXPECT_EQ(encoded(std::pair(std::string("k"), std::uint8_t{7})), std::string("\x01k\x07"));
  EXPECT_EQ(encoded(std::vector<std::uint8_t>{1, 2}), std::string("\x02\x01\x02"));
  EXPECT_EQ(encoded(std::optional<std::uint8_t>(9)), std::string("\x01\x09"));
  EXPECT_EQ(encoded(std::optional<std::uint8_t>()), std::string("\0", 1));
  EXPECT_EQ(encoded(true), std::string("\x01"));
}

TEST(Codec, DecodingAStructReusesItsMemory) {
  const Order order{std::string(100, 'c'), {}, {}, {}};
  const std::string bytes = encoded(order);
  Order into;
  into.customer.reserve(200);
  const char* before = into.customer.data();
  ByteReader in(bytes);
  ASSERT_TRUE(Codec<Order>::decode(in, into));
  EXPECT_EQ(into.customer.data(), before);
}

TEST(Varint, AllLengthsSurviveAndOverlongOnesAreRefused) {
  for (unsigned shift = 0; shift < 64; ++shift) {
    for (const std::uint64_t value : {std::uint64_t{1} << shift, (std::uint64_t{1} << shift) - 1}) {
      ByteWriter out;
      out.commit(put_varint(out.reserve(kMaxVarintBytes), value));
      ByteReader in(out.view());
      std::uint64_t back = 0;
      EXPECT_TRUE(in.read_varint(back));
      EXPECT_EQ(back, value);
      EXPECT_TRUE(in.empty());
    }
  }
  ByteReader endless(std::string_view("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"));
  std::uint64_t value = 0;
  EXPECT_FALSE(endless.read_varint(value));
}

TEST(ByteWriter, ASmallContentIsTakenInABlockOfItsSize) {
  ByteWriter out(1000);
  encode<std::string>(out, "abc");
  const char* writers = out.data();
  const ByteBlock taken = out.take();
  EXPECT_EQ(taken.size(), 4U);
  EXPECT_NE(taken.data(), writers);
  EXPECT_EQ(out.size(), 0U);
  encode<std::string>(out, "d");
  EXPECT_EQ(out.view(),
            "\x01"
            "d");
}

}  // namespace
}  // namespace leat
