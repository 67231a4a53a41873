#include "cli/job_submission.hpp"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <utility>

#include "actors/random_id.hpp"
#include "cli/job_command.hpp"
#include "cli/options.hpp"
#include "runtime/graph/job_graph.hpp"
#include "runtime/job/job_library.hpp"

namespace leat::cli {

namespace {

runtime::BuildOptions build_options(const Configuration& configuration) {
  runtime::BuildOptions options;
  options.mode =
      configuration.text(keys::kRuntimeMode) == "batch" ? proto::MODE_BATCH : proto::MODE_STREAMING;
  options.max_parallelism =
      static_cast<std::uint32_t>(configuration.integer(keys::kMaxParallelism));
  options.config = configuration.set_for(kInSubmission);
  return options;
}

Result<std::shared_ptr<const runtime::JobGraph>> build_graph(const Invocation& invocation) {
  const auto library = runtime::JobLibrary::load(invocation.operand);
  if (!library)
    return library.error();
  auto graph = (*library)->build(invocation.job_arguments, build_options(invocation.configuration));
  // The job's arguments are not explained by our help, so to us they are input.
  if (!graph && graph.error().kind() == ErrorKind::kUsage)
    return Error(ErrorKind::kInput, graph.error().message());
  return graph;
}

/// 0 leaves it to the JobManager, whose leat.conf may say more than ours.
std::uint32_t chosen_parallelism(const Configuration& configuration) {
  return configuration.is_set(keys::kParallelism)
             ? static_cast<std::uint32_t>(configuration.integer(keys::kParallelism))
             : 0;
}

Result<void> check_parallelism(const Configuration& configuration) {
  const auto parallelism = configuration.integer(keys::kParallelism);
  const auto maximum = configuration.integer(keys::kMaxParallelism);
  if (parallelism <= maximum)
    return {};
  return Error(ErrorKind::kUsage,
               configuration.origin(keys::kParallelism) + ": " + std::to_string(parallelism) +
                   " subtasks are more than the job's maximum parallelism of " +
                   std::to_string(maximum) + "; ask for fewer, or raise --max-parallelism");
}

Result<void> set_restore(const Invocation& invocation, proto::SubmitJob& message) {
  const std::string directory = invocation.options.value(options::kFromSavepoint);
  const bool allow = invocation.options.has(options::kAllowNonRestored);
  if (directory.empty() && allow)
    return Error(ErrorKind::kUsage,
                 "-n says what may be left out of a savepoint, but none is given: "
                 "-s DIR");
  if (!directory.empty())
    message.set_restore_from(absolute_path(directory));
  message.set_allow_non_restored_state(allow);
  return {};
}

std::string default_name(const std::string& object_path) {
  const std::filesystem::path file = std::filesystem::path(object_path).filename();
  return file.extension() == ".so" ? file.stem().string() : file.string();
}

}  // namespace

bool JobSubmission::collects() const {
  const auto& sinks = message.plan().sinks();
  return std::any_of(sinks.begin(), sinks.end(),
                     [](const proto::SinkSpec& sink) { return sink.kind() == "collect"; });
}

Result<proto::Plan> build_plan(const Invocation& invocation) {
  const auto graph = build_graph(invocation);
  if (!graph)
    return graph.error();
  return (*graph)->plan();
}

Result<JobSubmission> prepare_submission(const Invocation& invocation, bool attached) {
  const Configuration& configuration = invocation.configuration;
  if (const auto checked = check_parallelism(configuration); !checked)
    return checked.error();
  const auto graph = build_graph(invocation);
  if (!graph)
    return graph.error();
  JobSubmission submission;
  submission.object_path = invocation.operand;
  submission.id = actors::random_id<JobId>();
  proto::SubmitJob& message = submission.message;
  message.set_job_id(submission.id.hex());
  message.set_name(invocation.options.value(options::kName, default_name(invocation.operand)));
  for (const std::string& argument : invocation.job_arguments)
    message.add_arguments(argument);
  *message.mutable_plan() = (*graph)->plan();
  message.set_plan_sha256((*graph)->plan_sha256());
  message.set_parallelism(chosen_parallelism(configuration));
  for (const auto& [key, value] : configuration.set_for(kInSubmission))
    (*message.mutable_config())[key] = value;
  message.set_attached(attached);
  if (const auto restored = set_restore(invocation, message); !restored)
    return restored.error();
  return submission;
}

}  // namespace leat::cli
