#pragma once

// A client that pulls a job's collected rows as the command line does, at its own pace, while the world
// goes on: from (attempt, offset), throwing away what an earlier attempt gave.

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "tests/sim_support/sim_cluster.hpp"

namespace leat::sim {

class SimResultsReader {
 public:
  SimResultsReader(SimCluster& cluster, std::string job_id)
      : cluster_(cluster),
        job_id_(std::move(job_id)),
        pause_us_(static_cast<std::int64_t>(cluster.world().below(30'000))) {}

  void start() { pull(); }
  /// The job has ended and no row follows, or it never will.
  [[nodiscard]] bool over() const { return over_; }
  [[nodiscard]] const std::vector<std::string>& rows() const { return rows_; }

 private:
  void pull() {
    proto::FetchResults fetch;
    fetch.set_job_id(job_id_);
    fetch.set_attempt(attempt_);
    fetch.set_offset(rows_.size());
    fetch.set_max_wait_ms(1000);
    cluster_.client().ask([fetch](auto& core, auto request, Time now,
                                  auto& out) { core.fetch(request, fetch, now, out); },
                          [this](const auto& reply) { take(std::get<proto::ResultBatch>(reply)); },
                          std::chrono::seconds(3));
  }

  void take(const proto::ResultBatch& batch) {
    if (attempt_ != 0 && batch.attempt() != attempt_)
      rows_.clear();
    attempt_ = batch.attempt();
    rows_.insert(rows_.end(), batch.rows().begin(), batch.rows().end());
    over_ = batch.end() || batch.error().kind() != proto::ERROR_NONE;
    if (!over_)
      cluster_.world().post_at(cluster_.world().now() + std::chrono::microseconds(pause_us_),
                               [this] { pull(); });
  }

  SimCluster& cluster_;
  const std::string job_id_;
  const std::int64_t pause_us_;
  std::uint32_t attempt_ = 0;
  std::vector<std::string> rows_;
  bool over_ = false;
};

}  // namespace leat::sim
