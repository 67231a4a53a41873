#include "tests/sim_support/sim_results_client.hpp"

namespace leat::sim {

bool SimResultsClient::pull() {
  proto::FetchResults fetch;
  fetch.set_job_id(job_id_);
  fetch.set_attempt(attempt_);
  fetch.set_offset(rows_.size());
  fetch.set_max_wait_ms(1000);
  const auto batch = cluster_.fetch(fetch);
  error_ = batch.error().message();
  if (!error_.empty())
    return false;
  if (attempt_ != 0 && batch.attempt() != attempt_)
    rows_.clear();
  attempt_ = batch.attempt();
  rows_.insert(rows_.end(), batch.rows().begin(), batch.rows().end());
  return !batch.end();
}

void SimResultsClient::pull_to_end() {
  while (pull()) {
  }
}

}  // namespace leat::sim
