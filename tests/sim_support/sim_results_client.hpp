#pragma once

// A client that pulls a job's collected rows as the command line does: from (attempt, offset), throwing
// away what an earlier attempt gave.

#include <cstdint>
#include <string>
#include <vector>

#include "tests/sim_support/sim_cluster.hpp"

namespace leat::sim {

class SimResultsClient {
 public:
  SimResultsClient(SimCluster& cluster, std::string job_id)
      : cluster_(cluster), job_id_(std::move(job_id)) {}

  /// Asks for the next rows; call it again while it returns true.
  bool pull();
  /// Pulls until the job has ended and no row follows.
  void pull_to_end();

  [[nodiscard]] const std::vector<std::string>& rows() const { return rows_; }
  [[nodiscard]] const std::string& error() const { return error_; }

 private:
  SimCluster& cluster_;
  std::string job_id_;
  std::uint32_t attempt_ = 0;
  std::vector<std::string> rows_;
  std::string error_;
};

}  // namespace leat::sim
