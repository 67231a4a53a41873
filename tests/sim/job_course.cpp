#include "tests/sim/job_course.hpp"

#include <chrono>
#include <variant>

#include "runtime/coordination/job_state.hpp"

namespace leat::sim {

namespace {

using std::chrono::milliseconds;

constexpr const char* kSavepoints = "/savepoints";
/// A savepoint that fails is asked for again so often.
constexpr std::uint64_t kMostTriggers = 20;

}  // namespace

void JobCourse::later(void (JobCourse::*what)(), std::uint64_t within_ms) {
  SimWorld& world = cluster_.world();
  const auto after = milliseconds(static_cast<std::int64_t>(world.below(within_ms)));
  ++open_;
  world.post_at(world.now() + after, [this, what] {
    --open_;
    (this->*what)();
  });
}

void JobCourse::begin(const std::string& job_id) {
  job_id_ = job_id;
  switch (ending_) {
    case Ending::kFinish:
      return;
    case Ending::kCancel:
      return later(&JobCourse::cancel, 1500);
    case Ending::kRescale:
      for (std::uint64_t times = 1 + cluster_.world().below(3); times > 0; --times)
        later(&JobCourse::rescale, 800);
      return;
    case Ending::kSave:
    case Ending::kStopAndResume:
    case Ending::kDrainAndResume:
    case Ending::kReplace:
      return later(&JobCourse::save, 600);
  }
}

void JobCourse::cancel() {
  proto::CancelJob cancel;
  cancel.set_job_id(job_id_);
  cluster_.client().ask([cancel](auto& core, auto request, Time now,
                                 auto& out) { core.cancel(request, cancel, now, out); },
                        [](const auto&) {});
}

void JobCourse::rescale() {
  proto::RescaleJob rescale;
  rescale.set_job_id(job_id_);
  rescale.set_parallelism(static_cast<std::uint32_t>(1 + cluster_.world().below(most_subtasks_)));
  cluster_.client().ask([rescale](auto& core, auto request, Time now,
                                  auto& out) { core.rescale(request, rescale, now, out); },
                        [](const auto&) {});
}

void JobCourse::save() {
  if (++triggers_ <= kMostTriggers)
    ask_for_savepoint();
}

void JobCourse::ask_for_savepoint() {
  proto::TriggerSavepoint trigger;
  trigger.set_job_id(job_id_);
  trigger.set_trigger_id(JobId(7, triggers_).hex());
  trigger.set_directory(kSavepoints);
  trigger.set_stop(ending_ != Ending::kSave);
  trigger.set_drain(ending_ == Ending::kDrainAndResume);
  trigger.set_max_wait_ms(1000);
  ++open_;
  cluster_.client().ask(
      [trigger](auto& core, auto request, Time now, auto& out) {
        core.trigger_savepoint(request, trigger, now, out);
      },
      [this](const auto& reply) {
        --open_;
        saved(std::get<proto::SavepointReply>(reply));
      },
      std::chrono::seconds(3));
}

void JobCourse::saved(const proto::SavepointReply& reply) {
  if (reply.pending())
    return ask_for_savepoint();
  if (reply.error().kind() == proto::ERROR_NONE) {
    savepoint_ = reply.path();
    return;
  }
  cluster_.world().trace([&reply] { return "no savepoint: " + reply.error().message(); });
  later(&JobCourse::save, 200);
}

}  // namespace leat::sim
