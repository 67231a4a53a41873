#include "tests/integration/checkpoints.hpp"

#include <algorithm>
#include <regex>

#include <gmock/gmock.h>

#include "tests/integration/eventually.hpp"
#include "tests/integration/oracle.hpp"

namespace leat::test {

std::vector<std::string> CheckpointedSequence::words() const {
  std::vector<std::string> result{"-p", parallelism, "-D",
                                  "execution.checkpointing.interval=" + interval};
  result.insert(result.end(), options.begin(), options.end());
  for (const std::string& word :
       {example_job("sequence"), std::string("--count"), std::to_string(count),
        std::string("--keys"), std::to_string(keys), std::string("--rate"), std::to_string(rate),
        std::string("--output"), output_})
    result.push_back(word);
  return result;
}

void CheckpointedSequence::expect_exact() const {
  EXPECT_EQ(sorted_output(output_ + "/numbers"),
            sorted_lines(shell("seq 0 $(($1 - 1))", {std::to_string(count)})));
  EXPECT_EQ(sorted_output(output_ + "/sums"), sums_by_awk(count, keys));
  EXPECT_THAT(hidden_files(output_), ::testing::IsEmpty());
}

std::string job_id(Process& client) {
  return client.wait_for(Stream::kErr, "with JobID ([0-9a-f]{32})");
}

void wait_for_checkpoints(const Cluster& cluster, const std::string& job, std::uint64_t count) {
  const std::regex newest("\n([0-9]+) +[A-Z]+ +COMPLETED ");
  EXPECT_TRUE(eventually([&] {
    const std::string table = cluster.run_client("checkpoints", {job}).out;
    std::smatch match;
    return std::regex_search(table, match, newest) && std::stoull(match[1]) >= count;
  })) << cluster.run_client("checkpoints", {job}).out;
}

}  // namespace leat::test
