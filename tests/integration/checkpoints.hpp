#pragma once

// What the tests about checkpoints share: a sequence job that runs for a while, and what it must leave
// behind whatever happened to it.

#include <cstdint>
#include <string>
#include <vector>

#include "tests/integration/cluster.hpp"
#include "tests/support/temp_dir.hpp"

namespace leat::test {

/// sequence.so with a checkpoint every so often; its output is exact or the test has failed.
class CheckpointedSequence {
 public:
  std::uint64_t count = 40'000;
  std::uint64_t rate = 10'000;
  std::uint64_t keys = 1009;
  std::string parallelism = "2";
  std::string interval = "100 ms";
  std::vector<std::string> options{};  ///< more of `leat run`

  /// Words of `leat run`, without the command.
  [[nodiscard]] std::vector<std::string> words() const;
  /// Compares numbers and sums with what coreutils compute, and looks for files left over.
  void expect_exact() const;
  [[nodiscard]] const std::string& output() const { return output_; }

 private:
  TempDir directory_;
  std::string output_ = directory_.file("output");
};

/// The id that a client on its way has been told.
[[nodiscard]] std::string job_id(Process& client);

/// Waits until `count` checkpoints of the job are complete, by `leat checkpoints`.
void wait_for_checkpoints(const Cluster& cluster, const std::string& job, std::uint64_t count);

}  // namespace leat::test
