#include "runtime/coordination/submission_check.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>

namespace leat::runtime {

namespace {

constexpr std::string_view kDefaultParallelism = "parallelism.default";
constexpr std::size_t kSha256Digits = 64;
/// Fixed for ever by key groups: a group number fits 16 bits.
constexpr std::uint32_t kLargestMaxParallelism = 32768;

Error wrong(std::string message) {
  return {ErrorKind::kUsage, std::move(message)};
}

bool is_sha256(std::string_view text) {
  return text.size() == kSha256Digits &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

Result<void> check_plan(const proto::Plan& plan) {
  if (plan.stages().empty() || plan.sources().empty())
    return wrong("the job has no source: a job reads at least one, as in env.source(…)");
  if (plan.max_parallelism() == 0 || plan.max_parallelism() > kLargestMaxParallelism)
    return wrong("maximum parallelism " + std::to_string(plan.max_parallelism()) +
                 " is out of range: give --max-parallelism a number from 1 to " +
                 std::to_string(kLargestMaxParallelism));
  const auto stages = static_cast<std::uint32_t>(plan.stages_size());
  const auto exists = [stages](const auto& part) { return part.stage() < stages; };
  if (!std::all_of(plan.sources().begin(), plan.sources().end(), exists) ||
      !std::all_of(plan.sinks().begin(), plan.sinks().end(), exists))
    return wrong("the job's plan names a stage it does not have: build the job object again");
  return {};
}

/// -p, else the job's own default, else the cluster's.
Result<std::uint32_t> requested_parallelism(const proto::SubmitJob& job,
                                            const JobManagerOptions& options) {
  if (job.parallelism() != 0)
    return job.parallelism();
  const auto configured = job.config().find(std::string(kDefaultParallelism));
  if (configured == job.config().end())
    return options.default_parallelism;
  const std::string& text = configured->second;
  std::uint32_t value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc() || end != text.data() + text.size() || value == 0)
    return wrong(std::string(kDefaultParallelism) + " = '" + text +
                 "' is no parallelism: give a number of 1 or more");
  return value;
}

}  // namespace

Result<CheckedSubmission> check_submission(const proto::SubmitJob& job,
                                           const JobManagerOptions& options) {
  const auto id = JobId::parse(job.job_id(), "job id");
  if (!id)
    return id.error();
  if (job.name().empty())
    return wrong("the job has no name: give it one with --name");
  if (!is_sha256(job.artefact_sha256()) || !is_sha256(job.plan_sha256()))
    return wrong(
        "the submission names its job object or plan by no SHA-256: use the leat command "
        "of this release");
  if (auto plan = check_plan(job.plan()); !plan)
    return plan.error();
  const auto parallelism = requested_parallelism(job, options);
  if (!parallelism)
    return parallelism.error();
  if (*parallelism > job.plan().max_parallelism())
    return wrong("parallelism " + std::to_string(*parallelism) +
                 " is above the job's maximum parallelism " +
                 std::to_string(job.plan().max_parallelism()) +
                 ": give a lower -p or a higher --max-parallelism");
  if (const auto options_read = job_options(options.job, job.config()); !options_read)
    return options_read.error();
  return CheckedSubmission{*id, *parallelism};
}

}  // namespace leat::runtime
