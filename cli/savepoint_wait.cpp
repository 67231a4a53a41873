#include "cli/savepoint_wait.hpp"

#include <cstdint>

#include "actors/random_id.hpp"

namespace leat::cli {

namespace {

/// How long one request waits: short enough that Ctrl-C is obeyed without delay.
constexpr std::uint32_t kWaitMs = 250;

}  // namespace

Result<std::string> take_savepoint(const JobAtHand& job, const std::string& directory,
                                   AfterSavepoint then) {
  proto::TriggerSavepoint request;
  request.set_job_id(job.id.hex());
  // Only a random name; repeated over broken connections, it is one savepoint all the same.
  request.set_trigger_id(actors::random_id<JobId>().hex());
  request.set_directory(absolute_path(directory));
  request.set_stop(then != AfterSavepoint::kRunOn);
  request.set_drain(then == AfterSavepoint::kDrainAndStop);
  request.set_max_wait_ms(kWaitMs);
  for (;;) {
    const auto reply = job.client.savepoint(request);
    if (!reply)
      return reply.error();
    if (!reply->pending())
      return reply->path();
    if (job.interruption.pending())
      return Error(ErrorKind::kCancelled,
                   "not waited for any longer; the savepoint is being taken all the same, and "
                   "'leat checkpoints " +
                       job.id.hex() + "' tells what becomes of it");
  }
}

}  // namespace leat::cli
