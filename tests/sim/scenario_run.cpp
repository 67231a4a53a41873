#include "tests/sim/scenario_run.hpp"

#include <algorithm>
#include <chrono>
#include <limits>
#include <memory>
#include <random>
#include <sstream>
#include <utility>
#include <variant>

#include "runtime/coordination/error_info.hpp"
#include "runtime/coordination/job_state.hpp"
#include "tests/sim/job_course.hpp"
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

/// Each strategy that ends a job whatever it completes.
void give_up_soon(Draw& draw, runtime::RestartOptions& restart) {
  using enum runtime::RestartStrategy;
  constexpr runtime::RestartStrategy kStrategies[] = {kNone, kFixedDelay, kFailureRate};
  restart.strategy = kStrategies[draw.between(0, 2)];
  restart.fixed_delay_attempts = static_cast<std::uint32_t>(draw.between(1, 5));
  restart.fixed_delay = milliseconds(static_cast<std::int64_t>(draw.between(0, 100)));
  restart.failure_rate_max = static_cast<std::uint32_t>(draw.between(0, 3));
  restart.failure_rate_delay = restart.fixed_delay;
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
  if (scenario.gentle()) {
    engine.job.checkpoints.timeout = seconds(20);
    engine.job.checkpoints.tolerable_failures.reset();
  }
  engine.job.restart.fixed_delay_attempts = 100'000;
  engine.job.restart.attempts_before_reset = 100'000;
  engine.job.restart.max_backoff = milliseconds(500);
  if (scenario.exhausts)
    give_up_soon(draw, engine.job.restart);
  engine.resource_wait = milliseconds(static_cast<std::int64_t>(draw.between(50, 1000)));
  engine.deploy_timeout = seconds(10);
  engine.commit_timeout = seconds(5);
  engine.unreachable_memory = seconds(2);
  const auto some_ms = [&draw](std::uint64_t least, std::uint64_t most) {
    return milliseconds(static_cast<std::int64_t>(draw.between(least, most)));
  };
  engine.rescale_stabilization = some_ms(5, 500);
  engine.rescale_pause = some_ms(20, 3000);
  engine.move_retry = some_ms(20, 1000);
  engine.job.adaptive = !scenario.fixed;
  engine.collect_buffer_bytes = draw.between(0, 1) == 0 ? 500 : 8 << 20;
  return options;
}

SimJobParameters job_parameters(Draw& draw, const Scenario& scenario) {
  SimJobParameters job;
  job.records = draw.between(60, 500);
  job.keys = draw.between(1, 12);
  job.rate = draw.between(0, 4) == 0 ? 0 : static_cast<double>(draw.between(300, 3000));
  if (scenario.sparse) {
    job.records = draw.between(20, 60);
    job.rate = static_cast<double>(draw.between(10, 60));
  }
  if (scenario.crowded) {
    job.records = draw.between(300, 800);
    job.rate = static_cast<double>(draw.between(1500, 5000));
  }
  if (scenario.function_throws)
    *job.throws_left = static_cast<std::uint32_t>(draw.between(0, 4));
  if (scenario.exhausts)
    *job.throws_left = std::numeric_limits<std::uint32_t>::max();
  return job;
}

struct Job {
  SimJobKind kind{};
  std::string id;
  SimJobParameters parameters;
  std::shared_ptr<const runtime::JobGraph> graph;
  std::uint32_t parallelism = 1;
  std::string restore_from;
  bool allow_non_restored = false;
  bool accepted = false;
  std::uint32_t refusals = 0;
  proto::JobStatus status;
  std::unique_ptr<SimResultsReader> reader{};  // of its rows, if it collects
};

class ScenarioRun {
 public:
  ScenarioRun(const Scenario& scenario, std::uint64_t seed, const TraceLine& trace)
      : scenario_(scenario),
        draw_(seed),
        options_(cluster_options(draw_, scenario, seed, trace)),
        cluster_(options_,
                 pipeline_slots([this](const std::string& id) { return graph_of(id); },
                                [this] { return step_cost(); }),
                 outputs_),
        course_(cluster_, scenario.ending, scenario.fixed ? all_slots() : 6) {
    cluster_.world().on_violation([this](const std::string& text) { violate(text); });
    add_job(scenario.job, job_parameters(draw_, scenario), "");
    for (const SimJobKind kind : scenario.beside) {
      SimJobParameters parameters = job_parameters(draw_, scenario);
      parameters.output = "/beside-" + std::to_string(jobs_.size());
      add_job(kind, parameters, "");
    }
  }

  RunReport run() {
    add_input(scenario_.job, jobs_[0].parameters, cluster_.storage());
    storms_.push_back(std::make_unique<FaultStorm>(cluster_, storm_options()));
    storms_.back()->start();
    for (std::size_t index = 0; index < jobs_.size(); ++index)
      submit(index);
    follow_to_end();
    if (report_.violation.empty() && resume())
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
    if (!scenario_.gentle())
      options.shortest_leave = milliseconds(50);
    return options;
  }

  [[nodiscard]] std::uint32_t all_slots() const { return options_.task_managers * options_.slots; }

  /// Some slots are slow, so that buffers pile up before them.
  Duration step_cost() {
    if (cluster_.world().below(3) > 0)
      return std::chrono::microseconds(2);
    const std::uint64_t most = scenario_.crowded ? 5000 : 600;
    return std::chrono::microseconds(static_cast<std::int64_t>(cluster_.world().below(most)));
  }

  // ---- jobs ----

  void add_job(SimJobKind kind, const SimJobParameters& parameters,
               const std::string& restore_from) {
    Job job;
    job.kind = kind;
    job.id = JobId(1, jobs_.size() + 1).hex();
    job.parameters = parameters;
    job.graph = make_graph(kind, parameters);
    job.parallelism = static_cast<std::uint32_t>(
        draw_.between(1, scenario_.fixed ? std::min(all_slots(), 5U) : 5));
    job.restore_from = restore_from;
    jobs_.push_back(std::move(job));
  }

  std::shared_ptr<const runtime::JobGraph> graph_of(const std::string& id) const {
    const auto found =
        std::find_if(jobs_.begin(), jobs_.end(), [&id](const Job& job) { return job.id == id; });
    return found->graph;
  }

  proto::SubmitJob submission(const Job& job) const {
    proto::SubmitJob submission;
    submission.set_job_id(job.id);
    submission.set_name(std::string(job_kind_name(job.kind)));
    submission.set_artefact_sha256(std::string(64, 'a'));
    submission.set_plan_sha256(job.graph->plan_sha256());
    *submission.mutable_plan() = job.graph->plan();
    submission.set_parallelism(job.parallelism);
    submission.set_attached(collects(job.kind));
    submission.set_restore_from(job.restore_from);
    submission.set_allow_non_restored_state(job.allow_non_restored);
    return submission;
  }

  /// Until it is accepted: a storage that is full for a while is a reason to refuse it.
  void submit(std::size_t index) {
    cluster_.client().ask(
        [job = submission(jobs_[index])](auto& core, auto request, Time now, auto& out) {
          core.submit(request, job, now, out);
        },
        [this, index](const auto& reply) {
          const auto& refused = std::get<proto::SubmitReply>(reply).error();
          if (refused.kind() == proto::ERROR_NONE)
            return accepted(index);
          // The answer to the first one was lost, and the job is left alone since.
          if (damaged(jobs_[index])) {
            jobs_[index].accepted = true;
            return;
          }
          jobs_[index].allow_non_restored =
              jobs_[index].allow_non_restored || refused.message().find("-n") != std::string::npos;
          if (storm_over() && ++jobs_[index].refusals > 5)
            return violate("the job is refused: " + refused.message());
          cluster_.world().post_at(cluster_.world().now() + milliseconds(500),
                                   [this, index] { submit(index); });
        });
  }

  void accepted(std::size_t index) {
    Job& job = jobs_[index];
    job.accepted = true;
    if (collects(job.kind)) {
      job.reader = std::make_unique<SimResultsReader>(cluster_, job.id);
      job.reader->start();
    }
    if (index == 0)
      course_.begin(jobs_[0].id);
  }

  /// Another job, from the savepoint of the first. False if there is none.
  bool resume() {
    if (course_.savepoint().empty())
      return false;
    SimJobParameters parameters = jobs_[0].parameters;
    const bool replace = scenario_.ending == Ending::kReplace;
    if (replace || scenario_.ending == Ending::kSave)
      parameters.output = "/resumed";
    add_job(replace ? SimJobKind::kPassing : scenario_.job, parameters, course_.savepoint());
    resumed_ = true;
    storms_.push_back(std::make_unique<FaultStorm>(cluster_, storm_options()));
    storms_.back()->start();
    submit(jobs_.size() - 1);
    return true;
  }

  // ---- to the end ----

  void follow_to_end() {
    Time calm_since = Time::max();
    while (report_.violation.empty() && !ended()) {
      cluster_.world().run_for(kLook);
      if (storm_over())
        calm_since = std::min(calm_since, cluster_.world().now());
      if (calm_since != Time::max() && cluster_.world().now() - calm_since > kPatience)
        for (Job& job : jobs_)
          if (!ended(job))
            violate("the job hangs: " + (job.accepted ? job.status.ShortDebugString()
                                                      : std::string("it is not even accepted")));
    }
  }

  [[nodiscard]] bool storm_over() const { return storms_.back()->over(); }
  [[nodiscard]] bool damaged(const Job& job) const {
    return std::any_of(storms_.begin(), storms_.end(),
                       [&job](const auto& storm) { return storm->damaged(job.id); });
  }

  bool ended() {
    if (!storm_over() || !cluster_.job_manager().alive() || !course_.settled())
      return false;
    return std::all_of(jobs_.begin(), jobs_.end(), [this](Job& job) { return ended(job); });
  }

  bool ended(Job& job) {
    if (!job.accepted)
      return false;
    job.status = cluster_.status(job.id);
    // One with an entry that does not decode is left alone.
    if (damaged(job) && runtime::is_error(job.status.error()))
      return true;
    return runtime::has_ended(job.status.state()) && (job.reader == nullptr || job.reader->over());
  }

  void check() {
    for (const Job& job : jobs_)
      report_.attempts += job.status.attempt();
    report_.checkpoints = cluster_.job_manager().count_logged("checkpoint_completed");
    // Where a manifest does not decode nothing is collected before the next start.
    if (scenario_.exhausts)
      cluster_.world().run_for(seconds(20));  // it is cleaned up behind it
    if (scenario_.may_fail || scenario_.exhausts)
      cluster_.restart_job_manager();
    cluster_.world().run_for(seconds(20));  // leases end, zombies learn what has become of them
    Oracle oracle(cluster_, [this](const std::string& text) { violate(text); });
    bool failed = false;
    for (const Job& job : jobs_) {
      const bool first = &job == &jobs_.front();
      if (scenario_.exhausts)
        oracle.check_given_up(job.status, cluster_.status(job.id));
      else if (!damaged(job) || !runtime::is_error(job.status.error()))
        oracle.check_ending(job.status, first && scenario_.ending == Ending::kCancel,
                            scenario_.may_fail || damaged(job));
      failed = failed || job.status.state() == proto::JOB_FAILED || damaged(job);
      check_output(job, oracle);
    }
    if (resumed_ && scenario_.ending == Ending::kReplace)
      oracle.check_replaced(jobs_.front().parameters, jobs_.back().parameters,
                            jobs_.back().allow_non_restored);
    if (scenario_.gentle())
      oracle.check_leaving(storms_.front()->leavers(), jobs_[0].status);
    oracle.check_nothing_left();
    // A job that failed keeps its checkpoints.
    if (!failed)
      oracle.check_no_checkpoint_left();
  }

  void check_output(const Job& job, Oracle& oracle) {
    const bool finished = job.status.state() == proto::JOB_FINISHED;
    const SimOutput expected = expected_output(job.kind, job.parameters);
    if (job.reader != nullptr) {
      // Without checkpoints by time rows may come again after one that was taken for another reason.
      const bool exact =
          scenario_.checkpoints != Checkpoints::kNone || scenario_.ending != Ending::kRescale;
      if (finished)
        oracle.check_rows(expected.at(kRows), job.reader->rows(),
                          exact ? OutputMatch::kEqual : OutputMatch::kAtLeast);
      return;
    }
    OutputMatch match = OutputMatch::kEqual;
    // What was passed on before the savepoint is not passed on again; all that follows is.
    if (resumed_ && &job == &jobs_.back() && scenario_.ending == Ending::kSave)
      match = OutputMatch::kLastOnes;
    else if (!finished || (resumed_ && scenario_.ending == Ending::kReplace))
      match = OutputMatch::kNoMoreThan;
    else if (scenario_.checkpoints == Checkpoints::kAtLeastOnce)
      match = OutputMatch::kAtLeast;
    // The removal of a file that nobody synced is undone with its machine.
    const bool process_lost = std::any_of(storms_.begin(), storms_.end(), [](const auto& storm) {
      return storm->processes_lost() > 0;
    });
    const bool hidden_may_stay = process_lost || scenario_.may_fail;
    oracle.check_output(expected, match, hidden_may_stay);
  }

  void violate(const std::string& text) {
    if (!report_.violation.empty())
      return;
    report_.violation = text;
    cluster_.world().trace([&text] { return "VIOLATION: " + text; });
  }

  const Scenario& scenario_;
  Draw draw_;
  const SimClusterOptions options_;
  std::vector<Job> jobs_;
  FileOutputs outputs_;
  RunReport report_;
  SimCluster cluster_;
  std::vector<std::unique_ptr<FaultStorm>> storms_;  // the last one rages, or is over
  JobCourse course_;
  bool resumed_ = false;
};

}  // namespace

RunReport run_scenario(const Scenario& scenario, std::uint64_t seed, const TraceLine& trace) {
  return ScenarioRun(scenario, seed, trace).run();
}

}  // namespace leat::sim
