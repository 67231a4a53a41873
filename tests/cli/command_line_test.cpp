#include "cli/command_line.hpp"

#include <gmock/gmock.h>

#include "cli/parsed_options.hpp"

namespace leat::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr OptionSpec kOptions[] = {{"parallelism", 'p', "N", "subtasks"},
                                   {"detached", 'd', "", "return at once"},
                                   {"define", 'D', "KEY=VALUE", "set a key", {}, true},
                                   {"help", 'h', "", "show this text"}};

Result<CommandLine> split(std::vector<std::string> words, Operand operand = Operand::kObject) {
  return split_command_line(words, kOptions, operand);
}

TEST(CommandLine, LeavesAllBehindTheObjectToTheJob) {
  const auto line = split({"-p", "2", "job.so", "-p", "7", "--out", "--", "-h"});
  ASSERT_TRUE(line.ok());
  EXPECT_THAT(line->options, ElementsAre("--parallelism=2"));
  EXPECT_EQ(line->operand, "job.so");
  EXPECT_THAT(line->job_arguments, ElementsAre("-p", "7", "--out", "--", "-h"));
}

TEST(CommandLine, AcceptsEachSpellingOfAValue) {
  for (const auto& words : std::vector<std::vector<std::string>>{
           {"-p3", "j"}, {"-p", "3", "j"}, {"--parallelism=3", "j"}, {"--parallelism", "3", "j"}}) {
    const auto line = split(words);
    ASSERT_TRUE(line.ok());
    EXPECT_THAT(line->options, ElementsAre("--parallelism=3"));
  }
}

TEST(CommandLine, TakesADefinitionGluedToItsLetter) {
  const auto line = split({"-Dlog.level=warn", "-D", "a=b", "job.so"});
  ASSERT_TRUE(line.ok());
  EXPECT_THAT(line->options, ElementsAre("--define=log.level=warn", "--define=a=b"));
}

TEST(CommandLine, TakesAJobAndADirectoryWithOptionsAnywhere) {
  const auto line = split({"-p1", "0a", "-d", "/sp", "-Dx=y"}, Operand::kJobIdAndDirectory);
  ASSERT_TRUE(line.ok());
  EXPECT_EQ(line->operand, "0a");
  EXPECT_EQ(line->directory, "/sp");
  EXPECT_THAT(line->options, ElementsAre("--parallelism=1", "--detached", "--define=x=y"));
  EXPECT_FALSE(split({"0a"}, Operand::kJobIdAndDirectory).ok());
  EXPECT_FALSE(split({"0a", "/sp", "more"}, Operand::kJobIdAndDirectory).ok());
  EXPECT_FALSE(split({"0a", "/sp"}, Operand::kJobId).ok());
}

TEST(CommandLine, DoesNotGuessShortenedOptions) {
  const auto line = split({"--para", "3", "job.so"});
  ASSERT_FALSE(line.ok());
  EXPECT_THAT(line.error().message(), HasSubstr("unknown option '--para'; did you mean "
                                                "'--parallelism'?"));
}

TEST(CommandLine, NamesAnUnknownLetter) {
  const auto line = split({"-x", "job.so"});
  ASSERT_FALSE(line.ok());
  EXPECT_EQ(line.error().kind(), ErrorKind::kUsage);
  EXPECT_THAT(line.error().message(), HasSubstr("'-x'"));
}

TEST(CommandLine, SaysWhichValueIsMissing) {
  const auto line = split({"-p"});
  ASSERT_FALSE(line.ok());
  EXPECT_EQ(line.error().message(), "'-p' needs a value: -p N");
}

TEST(CommandLine, RefusesAValueForASwitch) {
  EXPECT_FALSE(split({"--detached=yes", "job.so"}).ok());
  EXPECT_FALSE(split({"-dx", "job.so"}).ok());
}

TEST(CommandLine, TakesAValueThatLooksLikeAnOption) {
  const auto line = split({"-p", "-1", "job.so"});
  ASSERT_TRUE(line.ok());
  EXPECT_THAT(line->options, ElementsAre("--parallelism=-1"));
}

TEST(CommandLine, EndsOptionsAtTwoDashes) {
  const auto line = split({"-d", "--", "-odd.so", "x"});
  ASSERT_TRUE(line.ok());
  EXPECT_EQ(line->operand, "-odd.so");
  EXPECT_THAT(line->job_arguments, ElementsAre("x"));
}

TEST(CommandLine, WantsAnObjectUnlessHelpIsAskedFor) {
  EXPECT_FALSE(split({"-d"}).ok());
  EXPECT_TRUE(split({"-h"}).ok());
}

TEST(CommandLine, AcceptsOptionsBehindAJobId) {
  const auto line = split({"0123", "-p", "2"}, Operand::kJobId);
  ASSERT_TRUE(line.ok());
  EXPECT_EQ(line->operand, "0123");
  EXPECT_THAT(line->options, ElementsAre("--parallelism=2"));
}

TEST(CommandLine, RefusesAWordTooMany) {
  EXPECT_FALSE(split({"0123", "4567"}, Operand::kJobId).ok());
  EXPECT_FALSE(split({"extra"}, Operand::kNone).ok());
}

TEST(ParsedOptions, KeepsTheOrderOfARepeatedOption) {
  const auto options = ParsedOptions::parse({"--define=a=1", "--define=b=2"}, kOptions);
  ASSERT_TRUE(options.ok());
  EXPECT_THAT(options->values("define"), ElementsAre("a=1", "b=2"));
}

TEST(ParsedOptions, RefusesASingleOptionGivenTwice) {
  const auto options = ParsedOptions::parse({"--parallelism=1", "--parallelism=2"}, kOptions);
  ASSERT_FALSE(options.ok());
  EXPECT_THAT(options.error().message(), HasSubstr("'-p' is given twice"));
}

TEST(ParsedOptions, KnowsSwitchesAndWhatIsNotGiven) {
  const auto options = ParsedOptions::parse({"--detached"}, kOptions);
  ASSERT_TRUE(options.ok());
  EXPECT_TRUE(options->has("detached"));
  EXPECT_FALSE(options->has("parallelism"));
  EXPECT_EQ(options->value("parallelism", "none"), "none");
  EXPECT_THAT(options->values("define"), IsEmpty());
}

}  // namespace
}  // namespace leat::cli
