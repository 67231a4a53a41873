#include "tests/sim/scenario_run.hpp"

#include <algorithm>
#include <chrono>
#include <memory>
#include <random>
#include <sstream>
#include <utility>
#include <variant>

#include "runtime/coordination/job_state.hpp"
#include "tests/sim/oracle.hpp"
#include "tests/sim/sim_results_reader.hpp"
#include "tests/sim_support/file_outputs.hpp"
#include "tests/sim_support/pipeline_slot.hpp"
#include "tests/sim_support/sim_cluster.hpp"

namespace leat::sim {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// A job that has not ended so long after the last fault hangs.
constexpr Duration kPatience = seconds(180);
constexpr Duration kLook = milliseconds(10);

/// What the seed decides about the world, apart from what happens in it.
struct Draw {
  explicit Draw(std::uint64_t seed) : random(seed * 0x9e3779b97f4a7c15U + 1) {}
  std::uint64_t between(std::uint64_t least, std::uint64_t most) {
    return least + random() % (most - least + 1);
  }
  std::mt19937_64 random;
};

runtime::CheckpointOptions checkpoint_options(Draw& draw, Checkpoints kind) {
  const auto some_ms = [&draw](std::uint64_t least, std::uint64_t most) {
    return milliseconds(static_cast<std::int64_t>(draw.between(least, most)));
  };
  runtime::CheckpointOptions options;
  if (kind == Checkpoints::kNone)
    return options;
  options.interval = some_ms(2, 60);
  options.min_pause = draw.between(0, 1) == 0 ? some_ms(0, 0) : some_ms(1, 20);
  options.timeout = some_ms(100, 3000);
  options.num_retained = static_cast<std::uint32_t>(draw.between(1, 3));
  options.chunk_window = static_cast<std::uint32_t>(draw.between(1, 8));
  if (draw.between(0, 3) == 0)
    options.tolerable_failures = static_cast<std::uint32_t>(draw.between(0, 2));
  if (kind == Checkpoints::kUnaligned)
    options.aligned_timeout = some_ms(1, 10);
  if (kind == Checkpoints::kAtLeastOnce)
    options.mode = runtime::CheckpointMode::kAtLeastOnce;
  return options;
}

SimClusterOptions cluster_options(Draw& draw, const Scenario& scenario, std::uint64_t seed,
                                  const TraceLine& trace) {
  SimClusterOptions options;
  options.seed = seed;
  options.task_managers = static_cast<std::uint32_t>(draw.between(2, 4));
  options.slots = static_cast<std::uint32_t>(draw.between(1, 2));
  options.trace = trace;
  auto& engine = options.job_manager;
  engine.job.checkpoints = checkpoint_options(draw, scenario.checkpoints);
  engine.restart_attempts = 100'000;
  engine.restart_backoff_max = milliseconds(500);
  engine.resource_wait = milliseconds(static_cast<std::int64_t>(draw.between(50, 1000)));
  engine.deploy_timeout = seconds(10);
  engine.commit_timeout = seconds(5);
  engine.unreachable_memory = seconds(2);
  engine.collect_buffer_bytes = draw.between(0, 1) == 0 ? 500 : 8 << 20;
  return options;
}

SimJobParameters job_parameters(Draw& draw, const Scenario& scenario) {
  SimJobParameters job;
  job.records = draw.between(60, 500);
  job.keys = draw.between(1, 12);
  job.rate = draw.between(0, 4) == 0 ? 0 : static_cast<double>(draw.between(300, 3000));
  if (scenario.function_throws)
    *job.throws_left = static_cast<std::uint32_t>(draw.between(0, 4));
  return job;
}

class ScenarioRun {
 public:
  ScenarioRun(const Scenario& scenario, std::uint64_t seed, const TraceLine& trace)
      : scenario_(scenario),
        draw_(seed),
        options_(cluster_options(draw_, scenario, seed, trace)),
        parameters_(job_parameters(draw_, scenario)),
        graph_(make_graph(scenario.job, parameters_)),
        cluster_(options_,
                 pipeline_slots([this](const std::string&) { return graph_; },
                                [this] { return step_cost(); }),
                 outputs_),
        storm_(cluster_, storm_options()) {
    cluster_.world().on_violation([this](const std::string& text) { violate(text); });
  }

  RunReport run() {
    add_input(scenario_.job, parameters_, cluster_.storage());
    storm_.start();
    submit();
    follow_to_end();
    if (report_.violation.empty())
      check();
    report_.steps = cluster_.world().steps();
    report_.fingerprint = cluster_.world().fingerprint();
    report_.simulated_seconds =
        std::chrono::duration<double>(cluster_.world().now().time_since_epoch()).count();
    return report_;
  }

 private:
  FaultStormOptions storm_options() {
    FaultStormOptions options;
    options.kinds = scenario_.faults;
    options.faults = static_cast<std::uint32_t>(draw_.between(1, scenario_.most_faults));
    options.longest_pause = milliseconds(static_cast<std::int64_t>(draw_.between(20, 500)));
    return options;
  }

  /// Some slots are slow, so that buffers pile up before them.
  Duration step_cost() {
    if (cluster_.world().below(3) > 0)
      return std::chrono::microseconds(2);
    return std::chrono::microseconds(static_cast<std::int64_t>(cluster_.world().below(600)));
  }

  proto::SubmitJob job() {
    proto::SubmitJob job;
    job.set_job_id(JobId(1, 1).hex());
    job.set_name(std::string(job_kind_name(scenario_.job)));
    job.set_artefact_sha256(std::string(64, 'a'));
    job.set_plan_sha256(graph_->plan_sha256());
    *job.mutable_plan() = graph_->plan();
    job.set_parallelism(parallelism_);
    job.set_attached(collects(scenario_.job));
    return job;
  }

  /// Until it is accepted: a storage that is full for a while is a reason to refuse it.
  void submit() {
    cluster_.client().ask([job = job()](auto& core, auto request, Time now,
                                        auto& out) { core.submit(request, job, now, out); },
                          [this](const auto& reply) {
                            const auto& refused = std::get<proto::SubmitReply>(reply).error();
                            if (refused.kind() == proto::ERROR_NONE)
                              return accepted();
                            if (storm_.over() && ++refusals_ > 5)
                              return violate("the job is refused: " + refused.message());
                            cluster_.world().post_at(cluster_.world().now() + milliseconds(500),
                                                     [this] { submit(); });
                          });
  }

  void accepted() {
    accepted_ = true;
    if (collects(scenario_.job)) {
      reader_ = std::make_unique<SimResultsReader>(cluster_, job_id());
      reader_->start();
    }
    if (scenario_.ending != Ending::kCancel)
      return;
    const auto after = milliseconds(static_cast<std::int64_t>(draw_.between(0, 1500)));
    cluster_.world().post_at(cluster_.world().now() + after, [this] { cancel(); });
  }

  void cancel() {
    proto::CancelJob cancel;
    cancel.set_job_id(job_id());
    cluster_.client().ask([cancel](auto& core, auto request, Time now,
                                   auto& out) { core.cancel(request, cancel, now, out); },
                          [](const auto&) {});
  }

  void follow_to_end() {
    Time calm_since = Time::max();
    while (report_.violation.empty() && !ended()) {
      cluster_.world().run_for(kLook);
      if (storm_.over())
        calm_since = std::min(calm_since, cluster_.world().now());
      if (calm_since != Time::max() && cluster_.world().now() - calm_since > kPatience)
        violate("the job hangs: " + (accepted_ ? cluster_.status(job_id()).ShortDebugString()
                                               : std::string("it is not even accepted")));
    }
  }

  bool ended() {
    if (!storm_.over() || !accepted_ || !cluster_.job_manager().alive())
      return false;
    status_ = cluster_.status(job_id());
    return runtime::has_ended(status_.state()) && (reader_ == nullptr || reader_->over());
  }

  void check() {
    report_.attempts = status_.attempt();
    report_.checkpoints = cluster_.job_manager().count_logged("checkpoint_completed");
    cluster_.world().run_for(seconds(20));  // leases end, zombies learn what has become of them
    Oracle oracle(cluster_, [this](const std::string& text) { violate(text); });
    oracle.check_ending(status_, scenario_.ending == Ending::kCancel);
    SimOutput output = expected_output(scenario_.job, parameters_);
    if (status_.state() != proto::JOB_FINISHED)
      for (auto& [place, lines] : output)
        lines.clear();
    if (reader_ == nullptr)
      // The removal of a file that nobody synced is undone with its machine, and a JobManager that dies
      // when a job has ended cleans up no more.
      oracle.check_output(output, storm_.processes_lost() > 0);
    else if (status_.state() == proto::JOB_FINISHED)
      oracle.check_rows(output.at(kRows), reader_->rows());
    oracle.check_nothing_left();
    if (status_.state() != proto::JOB_FAILED)
      oracle.check_no_checkpoint_left();
  }

  void violate(const std::string& text) {
    if (!report_.violation.empty())
      return;
    report_.violation = text;
    cluster_.world().trace([&text] { return "VIOLATION: " + text; });
  }

  [[nodiscard]] static std::string job_id() { return JobId(1, 1).hex(); }

  const Scenario& scenario_;
  Draw draw_;
  const SimClusterOptions options_;
  const SimJobParameters parameters_;
  const std::shared_ptr<const runtime::JobGraph> graph_;
  const std::uint32_t parallelism_ = static_cast<std::uint32_t>(draw_.between(1, 5));
  FileOutputs outputs_;
  RunReport report_;
  SimCluster cluster_;
  FaultStorm storm_;
  std::unique_ptr<SimResultsReader> reader_;
  proto::JobStatus status_;
  bool accepted_ = false;
  std::uint32_t refusals_ = 0;
};

}  // namespace

RunReport run_scenario(const Scenario& scenario, std::uint64_t seed, const TraceLine& trace) {
  return ScenarioRun(scenario, seed, trace).run();
}

}  // namespace leat::sim
