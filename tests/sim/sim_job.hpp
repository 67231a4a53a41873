#pragma once

// The jobs that the simulation runs: real operators between real connectors, with a result that follows
// from their parameters, whatever the order of records.

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/graph/job_graph.hpp"
#include "tests/support/memory_file_system.hpp"

namespace leat::sim {

/// Lines of each output directory, and under kRows the client's rows; sorted.
using SimOutput = std::map<std::string, std::vector<std::string>>;
inline constexpr const char* kRows = "rows";

struct SimJobParameters {
  std::uint64_t records = 300;
  std::uint64_t keys = 7;
  double rate = 1000;  ///< records per second, 0: as fast as they are taken
  std::string output = "/out";
  /// How often the job's function still throws.
  std::shared_ptr<std::uint32_t> throws_left = std::make_shared<std::uint32_t>(0);
};

enum class SimJobKind : std::uint8_t {
  kSums,       ///< numbers to files, and (key, count, sum) at the end of input
  kUpdates,    ///< (key, count) after each number
  kTwoEdges,   ///< counts of updates of counts: two shuffles, state behind each
  kWordCount,  ///< text files, counted at the end of input with partial counts before the shuffle
  kPassing,    ///< no state: numbers dealt out again, to files
  kCollected,  ///< (key, count) after each number, to the client
  kRagged,  ///< numbers to files, without a shuffle: one subtask is slow and the others end long before it
};
[[nodiscard]] std::string_view job_kind_name(SimJobKind kind);
[[nodiscard]] bool collects(SimJobKind kind);

[[nodiscard]] std::shared_ptr<const runtime::JobGraph> make_graph(
    SimJobKind kind, const SimJobParameters& parameters);
/// What the job reads, if it reads files.
void add_input(SimJobKind kind, const SimJobParameters& parameters, test::MemoryFileSystem& files);
[[nodiscard]] SimOutput expected_output(SimJobKind kind, const SimJobParameters& parameters);

}  // namespace leat::sim
