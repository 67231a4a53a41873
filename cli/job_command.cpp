#include "cli/job_command.hpp"

#include <filesystem>

#include "cli/process_setup.hpp"
#include "cli/signal_watcher.hpp"

namespace leat::cli {

Result<int> with_job(const Invocation& invocation,
                     const std::function<Result<int>(const JobAtHand&)>& work) {
  const auto job = JobId::parse(invocation.operand, "job id");
  if (!job)
    return job.error();
  actors::StopSignal stop;
  const SignalWatcher signals(stop);
  const Interruption interruption(stop);
  Streams& streams = invocation.streams;
  const auto client = make_client(
      invocation.configuration,
      [&streams](const std::string& sentence) { streams.err << sentence << std::endl; },
      interruption);
  if (!client)
    return client.error();
  return work({**client, *job, interruption, streams});
}

std::string absolute_path(const std::string& path) {
  return std::filesystem::absolute(path).lexically_normal().string();
}

}  // namespace leat::cli
