#include "tests/sim_support/sim_cluster.hpp"

#include <chrono>
#include <utility>
#include <variant>

#include <gtest/gtest.h>

#include "runtime/base/check.hpp"
#include "runtime/coordination/job_state.hpp"

namespace leat::sim {

namespace {
constexpr Duration kPatience = std::chrono::minutes(5);
constexpr Duration kLook = std::chrono::milliseconds(5);  // how often a condition is looked at
}  // namespace

SimCluster::SimCluster(const SimClusterOptions& options, SimSlotFactory slots, SimOutputs& outputs)
    : options_(options),
      world_(options.seed),
      network_(world_),
      slots_(std::move(slots)),
      outputs_(outputs),
      job_manager_(world_, network_, storage_, outputs_, options_.job_manager),
      client_(world_, network_, job_manager_, "client") {
  world_.set_trace(options_.trace);
  job_manager_.start();
  for (std::size_t index = 0; index < options_.task_managers; ++index) {
    task_managers_.push_back(make_task_manager(index));
    task_managers_.back()->start();
  }
}

SimCluster::~SimCluster() = default;

std::unique_ptr<SimTaskManager> SimCluster::make_task_manager(std::size_t index) {
  runtime::TaskManagerOptions options;
  options.incarnation = Incarnation(0xabc, ++made_);
  // Half of those that come back do so under their old id, as one of a stateful set does.
  const bool comes_back = index < task_managers_.size() && world_.chance(50);
  options.id = comes_back ? task_managers_[index]->id()
                          : "tm-" + std::to_string(index) + "-" + std::to_string(made_);
  options.slots = options_.slots;
  return std::make_unique<SimTaskManager>(
      SimTaskManager::Surroundings{*this, world_, network_, job_manager_, outputs_, storage_,
                                   slots_},
      std::move(options), made_);
}

SimTaskManager* SimCluster::find_incarnation(const std::string& hex) {
  for (const auto* all : {&task_managers_, &dead_}) {
    for (const auto& task_manager : *all)
      if (task_manager->incarnation().hex() == hex)
        return task_manager.get();
  }
  LEAT_CHECK(false);
  return nullptr;
}

void SimCluster::kill_task_manager(std::size_t index, bool with_machine) {
  if (task_managers_[index]->alive())
    task_managers_[index]->kill(with_machine);
}

void SimCluster::restart_task_manager(std::size_t index) {
  kill_task_manager(index);
  replace_task_manager(index);
}

void SimCluster::replace_task_manager(std::size_t index) {
  dead_.push_back(std::exchange(task_managers_[index], make_task_manager(index)));
  task_managers_[index]->start();
}

void SimCluster::kill_job_manager(bool with_machine) {
  if (job_manager_.alive())
    job_manager_.kill(with_machine);
}

void SimCluster::restart_job_manager() {
  kill_job_manager();
  job_manager_.start();
}

// ---- the client ----

proto::SubmitReply SimCluster::submit(const proto::SubmitJob& job) {
  const auto reply =
      client_.ask_now<proto::SubmitReply>([job](auto& core, auto request, Time now, auto& out) {
        core.submit(request, job, now, out);
      });
  EXPECT_TRUE(reply) << "a submission was never answered";
  return reply.value_or(proto::SubmitReply());
}

proto::CancelReply SimCluster::cancel(const std::string& job_id) {
  proto::CancelJob cancel;
  cancel.set_job_id(job_id);
  const auto reply =
      client_.ask_now<proto::CancelReply>([cancel](auto& core, auto request, Time now, auto& out) {
        core.cancel(request, cancel, now, out);
      });
  EXPECT_TRUE(reply) << "a request to cancel was never answered";
  return reply.value_or(proto::CancelReply());
}

proto::ResultBatch SimCluster::fetch(const proto::FetchResults& fetch) {
  const auto reply = client_.ask_now<proto::ResultBatch>(
      [fetch](auto& core, auto request, Time now, auto& out) {
        core.fetch(request, fetch, now, out);
      },
      std::chrono::milliseconds(fetch.max_wait_ms()) + std::chrono::seconds(2));
  EXPECT_TRUE(reply) << "a request for rows was never answered";
  return reply.value_or(proto::ResultBatch());
}

// ---- looking on ----

proto::JobStatus SimCluster::status(const std::string& job_id) {
  proto::WatchJob watch;
  watch.set_job_id(job_id);
  proto::JobStatus status;
  job_manager_.ask([&watch](auto& core, auto request, Time now,
                            auto& out) { core.watch(request, watch, now, out); },
                   [&status](const auto& reply) { status = std::get<proto::JobStatus>(reply); });
  return status;
}

bool SimCluster::run_until(const std::string& job_id, proto::JobState state) {
  const Time end = world_.now() + kPatience;
  while (world_.now() < end) {
    const proto::JobState now = status(job_id).state();
    if (now == state || runtime::has_ended(now))
      return now == state;
    world_.run_for(std::chrono::microseconds(200));
  }
  return false;
}

proto::JobStatus SimCluster::run_to_end(const std::string& job_id) {
  const Time end = world_.now() + kPatience;
  while (world_.now() < end) {
    if (job_manager_.alive() && runtime::has_ended(status(job_id).state()))
      return status(job_id);
    world_.run_for(kLook);
  }
  ADD_FAILURE() << "the job hangs in " << runtime::state_name(status(job_id).state());
  return status(job_id);
}

}  // namespace leat::sim
