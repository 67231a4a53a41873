#pragma once

// A JobManager's answers as a script: each call takes the next one, the last is repeated.

#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "actors/job_client.hpp"

namespace leat::cli {

class FakeJobClient final : public actors::JobClient {
 public:
  std::deque<Result<proto::JobStatus>> statuses;
  std::deque<Result<proto::ResultBatch>> batches;
  std::deque<Result<proto::SavepointReply>> savepoints;
  /// Runs before each watch() is answered.
  std::function<void()> on_watch = [] {};
  int cancels = 0;

  Result<void> connect() override { return {}; }
  Result<std::string> upload(const std::string&) override { return std::string(64, 'a'); }
  Result<void> submit(const proto::SubmitJob&) override { return {}; }
  Result<proto::JobStatus> watch(const JobId&, std::uint64_t, Duration) override {
    on_watch();
    return next(statuses);
  }
  Result<proto::ResultBatch> fetch(const proto::FetchResults& request) override {
    fetches.push_back(request);
    return next(batches);
  }
  Result<proto::JobList> list(const proto::ListJobs&) override { return proto::JobList(); }
  Result<void> cancel(const JobId&) override {
    ++cancels;
    return {};
  }

  Result<proto::SavepointReply> savepoint(const proto::TriggerSavepoint& request) override {
    triggers.push_back(request);
    return next(savepoints);
  }
  Result<void> rescale(const proto::RescaleJob&) override { return {}; }
  Result<proto::CheckpointList> checkpoints(const JobId&) override {
    return proto::CheckpointList();
  }

  std::vector<proto::FetchResults> fetches;
  std::vector<proto::TriggerSavepoint> triggers;

 private:
  template <class T>
  static Result<T> next(std::deque<Result<T>>& script) {
    Result<T> answer = script.front();
    if (script.size() > 1)
      script.pop_front();
    return answer;
  }
};

}  // namespace leat::cli
