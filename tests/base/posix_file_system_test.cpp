#include "runtime/base/posix_file_system.hpp"

#include <filesystem>
#include <fstream>
#include <span>
#include <sstream>
#include <sys/stat.h>
#include <unistd.h>

#include <gmock/gmock.h>

namespace leat {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::span<const char> bytes_of(std::string_view text) {
  return {text.data(), text.size()};
}

class PosixFileSystemTest : public testing::Test {
 protected:
  PosixFileSystemTest() {
    std::string pattern = testing::TempDir() + "leat_fs_XXXXXX";
    root_ = ::mkdtemp(pattern.data());
  }
  ~PosixFileSystemTest() override { std::filesystem::remove_all(root_); }

  [[nodiscard]] std::string at(const std::string& name) const { return root_ + "/" + name; }

  void write(const std::string& name, std::string_view text) {
    auto file = files_.create(at(name));
    ASSERT_TRUE(file.ok()) << file.error().message();
    ASSERT_TRUE((*file)->append(bytes_of(text)).ok());
    ASSERT_TRUE((*file)->sync().ok());
    ASSERT_TRUE((*file)->close().ok());
  }
  [[nodiscard]] std::string content(const std::string& name) const {
    std::ostringstream text;
    text << std::ifstream(at(name)).rdbuf();
    return text.str();
  }

  std::string root_;
  PosixFileSystem files_;
};

TEST_F(PosixFileSystemTest, ReadsAtAnyOffsetWhatWasWritten) {
  write("a", "hello world");
  auto file = files_.open_for_read(at("a"));
  ASSERT_TRUE(file.ok());
  std::string into(5, '?');
  auto got = (*file)->read_at(6, into);
  ASSERT_TRUE(got.ok());
  EXPECT_EQ(into.substr(0, *got), "world");
  got = (*file)->read_at(11, into);
  ASSERT_TRUE(got.ok());
  EXPECT_EQ(*got, 0U);
}

TEST_F(PosixFileSystemTest, ErrorsNamePathAndReason) {
  const auto missing = files_.open_for_read(at("none"));
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().message(),
            "cannot open '" + at("none") + "': No such file or directory");
  EXPECT_EQ(missing.error().kind(), ErrorKind::kIo);
}

TEST_F(PosixFileSystemTest, ErrorsStayOnOneLineWhateverTheName) {
  const auto missing = files_.open_for_read(at("a\nb\x01'"));
  ASSERT_FALSE(missing.ok());
  EXPECT_THAT(missing.error().message(), HasSubstr("/a\\nb\\x01\\''"));
}

TEST_F(PosixFileSystemTest, RefusesAPathThatTheSystemWouldCutShort) {
  write("a", "");
  const auto cut = files_.open_for_read(at(std::string("a\0b", 3)));
  ASSERT_FALSE(cut.ok());
  EXPECT_THAT(cut.error().message(), HasSubstr("NUL"));
}

TEST_F(PosixFileSystemTest, CreateRefusesAnExistingFile) {
  write("a", "kept");
  EXPECT_FALSE(files_.create(at("a")).ok());
  EXPECT_EQ(content("a"), "kept");
}

TEST_F(PosixFileSystemTest, RenameNeverReplaces) {
  write("a", "new");
  write("b", "old");
  const auto renamed = files_.rename(at("a"), at("b"));
  ASSERT_FALSE(renamed.ok());
  EXPECT_THAT(renamed.error().message(), HasSubstr("File exists"));
  EXPECT_EQ(content("b"), "old");
  EXPECT_EQ(content("a"), "new");
}

TEST_F(PosixFileSystemTest, RenameCompletesOneThatGotHalfway) {
  write("a", "text");
  ASSERT_EQ(::link(at("a").c_str(), at("b").c_str()), 0);
  EXPECT_TRUE(files_.rename(at("a"), at("b")).ok());
  EXPECT_EQ(content("b"), "text");
  EXPECT_FALSE(*files_.exists(at("a")));
}

TEST_F(PosixFileSystemTest, RenameOntoItselfLosesNothing) {
  write("a", "text");
  EXPECT_FALSE(files_.rename(at("a"), at("./a")).ok());
  EXPECT_EQ(content("a"), "text");
}

TEST_F(PosixFileSystemTest, RemovingWhatIsNotThereIsSuccess) {
  EXPECT_TRUE(files_.remove(at("none")).ok());
  write("a", "");
  EXPECT_TRUE(files_.remove(at("a")).ok());
  EXPECT_FALSE(*files_.exists(at("a")));
}

TEST_F(PosixFileSystemTest, ListsSortedNamesOfAllKinds) {
  write("b", "");
  write(".a", "");
  ASSERT_TRUE(files_.create_directories(at("c")).ok());
  const auto names = files_.list(root_);
  ASSERT_TRUE(names.ok());
  EXPECT_THAT(*names, ElementsAre(".a", "b", "c"));
}

TEST_F(PosixFileSystemTest, CreatesMissingParents) {
  EXPECT_TRUE(files_.create_directories(at("x/y/z/")).ok());
  EXPECT_TRUE(files_.create_directories(at("x/y/z")).ok());
  EXPECT_EQ(files_.info(at("x/y/z"))->kind, FileKind::kDirectory);
}

TEST_F(PosixFileSystemTest, AFileInTheWayOfADirectoryIsNamed) {
  write("x", "");
  const auto made = files_.create_directories(at("x/y"));
  ASSERT_FALSE(made.ok());
  EXPECT_THAT(made.error().message(), HasSubstr("'" + at("x") + "': Not a directory"));
}

TEST_F(PosixFileSystemTest, TellsLinksFromWhatTheyLeadTo) {
  write("a", "12345");
  ASSERT_EQ(::symlink("a", at("link").c_str()), 0);
  ASSERT_EQ(::symlink("none", at("broken").c_str()), 0);
  EXPECT_EQ(files_.info(at("link"))->kind, FileKind::kSymlink);
  EXPECT_EQ(files_.target_info(at("link"))->kind, FileKind::kRegular);
  EXPECT_EQ(files_.target_info(at("link"))->size, 5U);
  EXPECT_TRUE(*files_.exists(at("broken")));
  EXPECT_FALSE(files_.target_info(at("broken")).ok());
}

TEST_F(PosixFileSystemTest, AFileBelowAFileDoesNotExist) {
  write("a", "");
  const auto there = files_.exists(at("a/b"));
  ASSERT_TRUE(there.ok());
  EXPECT_FALSE(*there);
}

TEST_F(PosixFileSystemTest, OpenFilesAreNotInheritedByChildren) {
  write("a", "x");
  const auto file = files_.open_for_read(at("a"));
  ASSERT_TRUE(file.ok());
  bool found = false;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fdinfo")) {
    std::error_code error;
    const auto target =
        std::filesystem::read_symlink("/proc/self/fd/" + entry.path().filename().string(), error);
    if (error || target != std::filesystem::canonical(at("a")))
      continue;
    found = true;
    std::ostringstream flags;
    flags << std::ifstream(entry.path()).rdbuf();
    const auto position = flags.str().find("flags:\t") + 7;
    EXPECT_NE(std::stol(flags.str().substr(position), nullptr, 8) & 02000000, 0);
  }
  EXPECT_TRUE(found);
}

}  // namespace
}  // namespace leat
