// sequence.so, whose output anyone can check with sort and awk.

#include <gmock/gmock.h>

#include "tests/integration/cluster.hpp"
#include "tests/integration/oracle.hpp"

namespace leat::test {
namespace {

using ::testing::IsEmpty;

class Sequence : public ::testing::Test {
 protected:
  void expect_complete(const std::string& output, std::uint64_t count, std::uint64_t keys) {
    EXPECT_EQ(sorted_output(output + "/numbers"),
              sorted_lines(shell("seq 0 $(($1 - 1))", {std::to_string(count)})));
    EXPECT_EQ(sorted_output(output + "/sums"), sums_by_awk(count, keys));
    EXPECT_THAT(hidden_files(output), IsEmpty());
  }

  TempDir outputs_;
};

TEST_F(Sequence, WritesEachNumberOnceAndTheRightSums) {
  for (const char* parallelism : {"1", "3"}) {
    const std::string output = outputs_.file(parallelism);
    const Outcome outcome =
        run(leat({"local", "--slots", "3", "-p", parallelism, example_job("sequence"), "--count",
                  "50000", "--keys", "11", "--output", output}));
    ASSERT_EQ(outcome.code, 0) << outcome.err;
    expect_complete(output, 50'000, 11);
  }
}

TEST_F(Sequence, ReturnsNumbersAndSumsToTheClientWithoutAnOutput) {
  const Outcome outcome = run(leat({"local", "--slots", "2", "-p", "2", example_job("sequence"),
                                    "--count", "5000", "--keys", "7"}));
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(sorted_lines(outcome.out),
            sorted_lines(shell("seq 0 4999", {}) + sums_by_awk(5000, 7)));
}

TEST_F(Sequence, EndsWithoutANumber) {
  const std::string output = outputs_.file("empty");
  const Outcome outcome = run(
      leat({"local", example_job("sequence"), "--count", "0", "--keys", "5", "--output", output}));
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(sorted_output(output), "");
}

TEST_F(Sequence, HoldsItsRate) {
  const std::string output = outputs_.file("rated");
  const auto started = std::chrono::steady_clock::now();
  const Outcome outcome =
      run(leat({"local", "--slots", "2", "-p", "2", example_job("sequence"), "--count", "2000",
                "--keys", "5", "--rate", "2000", "--output", output}));
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  // A whole second less the burst that a limiter may allow itself.
  EXPECT_GE(std::chrono::steady_clock::now() - started, std::chrono::milliseconds(700));
  expect_complete(output, 2000, 5);
}

}  // namespace
}  // namespace leat::test
