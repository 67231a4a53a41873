#include "runtime/coordination/stored_jobs.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <map>
#include <memory>
#include <set>
#include <string_view>
#include <utility>

#include "runtime/coordination/job_savepoints.hpp"

namespace leat::runtime {

namespace {

constexpr std::string_view kPrefix = "job/";
constexpr std::size_t kIdDigits = 32;
constexpr std::string_view kCheckpointPart = "checkpoint/";
constexpr std::size_t kCheckpointDigits = 16;

std::string key(JobId job, std::string_view part) {
  return std::string(kPrefix) + job.hex() + "/" + std::string(part);
}

template <class Message>
bool read(const std::string& value, std::optional<Message>& into) {
  Message message;
  if (!message.ParseFromString(value))
    return false;
  into = std::move(message);
  return true;
}

/// False if the key names no checkpoint: then it is none of ours.
bool read_checkpoint(std::string_view digits, const std::string& value, StoredJob& job) {
  std::uint64_t id = 0;
  const char* const end = digits.data() + digits.size();
  const auto [read_to, code] = std::from_chars(digits.data(), end, id, 16);
  if (code != std::errc() || read_to != end || id <= job.checkpoints.newest_id())
    return false;
  auto manifest = std::make_shared<proto::StoredCheckpoint>();
  if (manifest->ParseFromString(value) && manifest->info().id() == id)
    job.checkpoints.add(std::move(manifest));
  else
    job.checkpoints.add_unreadable(id, "its manifest does not decode");
  return true;
}

/// False if the value does not decode as what the key says.
bool read_part(std::string_view part, const std::string& value, StoredJob& job) {
  if (part.starts_with(kCheckpointPart))
    return read_checkpoint(part.substr(kCheckpointPart.size()), value, job);
  if (part == "committed") {
    // Unread, commits are repeated, which does no harm.
    std::from_chars(value.data(), value.data() + value.size(), job.commits_noted);
    return true;
  }
  if (part == "savepoints") {
    job.savepoints = value;
    return JobSavepoints::decodes(value);
  }
  if (part == "spec")
    return read(value, job.spec);
  if (part == "commit")
    return read(value, job.commit);
  if (part == "clean-up")
    return read(value, job.clean_up);
  return part != "status" || job.status.ParseFromString(value);
}

bool submitted_before(const StoredJob& one, const StoredJob& other) {
  return std::pair(one.status.start_time_ms(), one.id) <
         std::pair(other.status.start_time_ms(), other.id);
}

}  // namespace

std::string spec_key(JobId job) {
  return key(job, "spec");
}
std::string status_key(JobId job) {
  return key(job, "status");
}
std::string commit_key(JobId job) {
  return key(job, "commit");
}

std::string checkpoint_key(JobId job, std::uint64_t checkpoint) {
  char digits[kCheckpointDigits + 1];
  std::snprintf(digits, sizeof(digits), "%016llx", static_cast<unsigned long long>(checkpoint));
  return key(job, std::string(kCheckpointPart) + digits);
}
std::string committed_key(JobId job) {
  return key(job, "committed");
}
std::string savepoints_key(JobId job) {
  return key(job, "savepoints");
}
std::string clean_up_key(JobId job) {
  return key(job, "clean-up");
}

StoredJobs read_stored_jobs(const StorePairs& stored) {
  StoredJobs result;
  std::map<JobId, StoredJob> jobs;
  std::set<JobId> damaged;
  for (const auto& [name, value] : stored) {
    const std::string_view rest = std::string_view(name);
    if (!rest.starts_with(kPrefix) || rest.size() < kPrefix.size() + kIdDigits + 1)
      continue;
    const auto id = JobId::parse(rest.substr(kPrefix.size(), kIdDigits), "job id");
    if (!id)
      continue;
    StoredJob& job = jobs[*id];
    job.id = *id;
    if (!read_part(rest.substr(kPrefix.size() + kIdDigits + 1), value, job)) {
      damaged.insert(*id);
      result.unreadable.emplace_back(
          ErrorKind::kIo, "the metadata store's entry '" + name +
                              "' does not decode; the job is left alone and its files are kept: "
                              "submit it again under another id");
    }
  }
  for (auto& [id, job] : jobs) {
    // Deleted with its manifest: what it names was there.
    if (job.commits_noted > job.checkpoints.newest_id())
      job.checkpoints.add_unreadable(job.commits_noted, "its manifest is missing");
    if (damaged.contains(id))
      result.set_aside.emplace(id, std::move(job.checkpoints));
    else
      result.jobs.push_back(std::move(job));
  }
  std::sort(result.jobs.begin(), result.jobs.end(), submitted_before);
  return result;
}

}  // namespace leat::runtime
