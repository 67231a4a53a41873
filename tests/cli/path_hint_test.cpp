#include "cli/path_hint.hpp"

#include <filesystem>

#include <gmock/gmock.h>

#include "tests/support/temp_dir.hpp"

namespace leat::cli {
namespace {

using ::testing::HasSubstr;

class PathHintTest : public ::testing::Test {
 protected:
  static std::string hint(const std::vector<std::string>& arguments) {
    return relative_path_hint(arguments);
  }

  test::TempDir directory_;
  std::string file_ = directory_.write("text", "words\n");
  std::string relative_ = std::filesystem::relative(file_).string();
};

TEST_F(PathHintTest, NamesARelativePathAndItsAbsoluteForm) {
  EXPECT_THAT(hint({"--input", relative_}), HasSubstr("'" + relative_ + "' is a relative path"));
  EXPECT_THAT(hint({"--input", relative_}), HasSubstr("it is " + file_));
  EXPECT_THAT(hint({"--input=" + relative_}), HasSubstr("it is " + file_));
}

TEST_F(PathHintTest, IsSilentAboutAbsolutePathsOptionsAndWhatIsNotThere) {
  EXPECT_EQ(hint({"--input", file_, "--keys", "7", "--input=" + file_, "", "--"}), "");
}

}  // namespace
}  // namespace leat::cli
