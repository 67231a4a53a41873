#include "runtime/base/read_up_to.hpp"

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

namespace leat {
namespace {

/// Gives three bytes at a time, and refuses at a place.
class Hesitant final : public ReadableFile {
 public:
  explicit Hesitant(std::string bytes, std::size_t refuses_at = std::string::npos)
      : bytes_(std::move(bytes)), refuses_at_(refuses_at) {}

  Result<std::size_t> read_at(std::uint64_t offset, std::span<char> into) override {
    if (offset >= refuses_at_)
      return Error(ErrorKind::kIo, "bad sector");
    const std::size_t left = bytes_.size() - std::min<std::size_t>(offset, bytes_.size());
    const std::size_t size = std::min({left, into.size(), std::size_t{3}});
    bytes_.copy(into.data(), size, offset);
    return size;
  }

 private:
  std::string bytes_;
  std::size_t refuses_at_;
};

TEST(ReadUpTo, FillsWhatItIsGivenHoweverLittleComesAtATime) {
  Hesitant file("0123456789");
  std::string bytes(7, ' ');
  EXPECT_EQ(*read_up_to(file, 2, bytes), 7U);
  EXPECT_EQ(bytes, "2345678");
}

TEST(ReadUpTo, EndsWithTheFile) {
  Hesitant file("0123456789");
  std::string bytes(20, ' ');
  EXPECT_EQ(*read_up_to(file, 4, bytes), 6U);
  EXPECT_EQ(*read_up_to(file, 10, bytes), 0U);
}

TEST(ReadUpTo, SaysWhyItCannotRead) {
  Hesitant file("0123456789", 6);
  std::string bytes(10, ' ');
  EXPECT_EQ(read_up_to(file, 0, bytes).error().message(), "bad sector");
}

}  // namespace
}  // namespace leat
