#include "tests/actors/job_runner.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "actors/random_id.hpp"
#include "runtime/graph/job_graph.hpp"
#include "runtime/job/job_library.hpp"

namespace leat::test {

namespace {

constexpr std::chrono::seconds kDeadline{60};
constexpr std::chrono::milliseconds kPoll{100};

}  // namespace

Result<JobId> submit_job(actors::JobClient& client, const JobRequest& request) {
  auto library = runtime::JobLibrary::load(request.object);
  if (!library)
    return library.error();
  runtime::BuildOptions options;
  options.mode = request.mode;
  auto graph = (*library)->build(request.arguments, options);
  if (!graph)
    return graph.error();
  auto artefact = client.upload(request.object);
  if (!artefact)
    return artefact.error();
  const auto id = actors::random_id<JobId>();
  proto::SubmitJob job;
  job.set_job_id(id.hex());
  job.set_name((*library)->job_name());
  job.set_artefact_sha256(*artefact);
  for (const auto& argument : request.arguments)
    job.add_arguments(argument);
  *job.mutable_plan() = (*graph)->plan();
  job.set_plan_sha256((*graph)->plan_sha256());
  job.set_parallelism(request.parallelism);
  job.set_attached(request.attached);
  if (auto submitted = client.submit(job); !submitted)
    return submitted.error();
  return id;
}

bool has_ended(proto::JobState state) {
  return state == proto::JOB_FINISHED || state == proto::JOB_CANCELED || state == proto::JOB_FAILED;
}

Result<proto::JobStatus> await_end(actors::JobClient& client, const JobId& job) {
  return await_status(client, job,
                      [](const proto::JobStatus& status) { return has_ended(status.state()); });
}

Result<proto::JobStatus> await_status(actors::JobClient& client, const JobId& job,
                                      const std::function<bool(const proto::JobStatus&)>& reached) {
  const auto deadline = std::chrono::steady_clock::now() + kDeadline;
  std::uint64_t version = 0;
  for (;;) {
    auto status = client.watch(job, version, kPoll);
    if (!status || reached(*status))
      return status;
    if (std::chrono::steady_clock::now() > deadline)
      return Error(ErrorKind::kInternal, "not reached in time: " + status->ShortDebugString());
    version = status->version();
  }
}

Result<std::vector<std::string>> fetch_rows(actors::JobClient& client, const JobId& job) {
  const auto deadline = std::chrono::steady_clock::now() + kDeadline;
  std::vector<std::string> rows;
  proto::FetchResults request;
  request.set_job_id(job.hex());
  request.set_max_wait_ms(100);
  while (std::chrono::steady_clock::now() < deadline) {
    auto batch = client.fetch(request);
    if (!batch)
      return batch.error();
    if (batch->attempt() != request.attempt()) {
      rows.clear();
      request.set_attempt(batch->attempt());
    }
    rows.insert(rows.end(), batch->rows().begin(), batch->rows().end());
    request.set_offset(rows.size());
    if (batch->end())
      return rows;
  }
  return Error(ErrorKind::kInternal, "the results did not end in time");
}

std::vector<std::string> output_lines(const std::string& directory) {
  std::vector<std::string> lines;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    if (entry.path().filename().string().starts_with('.'))
      continue;
    std::ifstream file(entry.path());
    for (std::string line; std::getline(file, line);)
      lines.push_back(line);
  }
  std::sort(lines.begin(), lines.end());
  return lines;
}

std::vector<std::string> expected_counts(const std::string& text) {
  std::map<std::string, int> counts;
  std::istringstream words(text);
  for (std::string word; words >> word;)
    ++counts[word];
  std::vector<std::string> lines;
  for (const auto& [word, count] : counts)
    lines.push_back(word + "\t" + std::to_string(count));
  std::sort(lines.begin(), lines.end());
  return lines;
}

}  // namespace leat::test
