#include "tests/sim_support/sim_cluster.hpp"

#include <chrono>
#include <optional>
#include <utility>
#include <variant>

#include <gtest/gtest.h>

#include "runtime/coordination/job_state.hpp"

namespace leat::sim {

namespace {
constexpr Duration kPatience = std::chrono::minutes(5);
}  // namespace

SimCluster::SimCluster(const SimClusterOptions& options, SimSlotFactory slots, SimOutputs& outputs)
    : options_(options), world_(options.seed), slots_(std::move(slots)), outputs_(outputs) {
  job_manager_ = std::make_unique<SimJobManager>(
      world_, options_.job_manager, outputs_,
      [this](Incarnation to, const runtime::ToTaskManager& message) {
        for (const auto& task_manager : task_managers_) {
          if (task_manager->incarnation() == to && task_manager->alive())
            task_manager->send(message);
        }
      });
  job_manager_->start();
  for (std::size_t index = 0; index < options_.task_managers; ++index) {
    task_managers_.push_back(make_task_manager(index));
    task_managers_.back()->start();
  }
}

SimCluster::~SimCluster() = default;

std::unique_ptr<SimTaskManager> SimCluster::make_task_manager(std::size_t index) {
  runtime::TaskManagerOptions options;
  options.incarnation = Incarnation(0xabc, next_incarnation_);
  options.id = "tm-" + std::to_string(index) + "-" + std::to_string(next_incarnation_);
  ++next_incarnation_;
  options.slots = options_.slots;
  return std::make_unique<SimTaskManager>(
      SimTaskManager::Surroundings{*this, world_, *job_manager_, outputs_, slots_},
      std::move(options));
}

SimTaskManager* SimCluster::find(const std::string& id) {
  for (const auto& task_manager : task_managers_) {
    if (task_manager->id() == id && task_manager->alive())
      return task_manager.get();
  }
  return nullptr;
}

void SimCluster::kill_task_manager(std::size_t index) {
  task_managers_[index]->kill();
}

void SimCluster::restart_task_manager(std::size_t index) {
  if (task_managers_[index]->alive())
    kill_task_manager(index);
  dead_.push_back(std::exchange(task_managers_[index], make_task_manager(index)));
  task_managers_[index]->start();
}

void SimCluster::kill_job_manager() {
  job_manager_->kill();
  for (const auto& task_manager : task_managers_) {
    if (task_manager->alive())
      task_manager->connection_lost("connection broken");
  }
}

void SimCluster::restart_job_manager() {
  if (job_manager_->alive())
    kill_job_manager();
  job_manager_->start();
}

template <class Reply, class Ask>
Reply SimCluster::ask(Ask ask) {
  std::optional<Reply> answer;
  const auto request = job_manager_->expect(
      [&answer](const runtime::AnyReply& reply) { answer = std::get<Reply>(reply); });
  job_manager_->handle([&](auto& core, Time now, auto& out) { ask(core, request, now, out); });
  const bool answered = world_.run_until([&answer] { return answer.has_value(); }, kPatience);
  EXPECT_TRUE(answered) << "a request was never answered";
  return answer.value_or(Reply{});
}

proto::SubmitReply SimCluster::submit(const proto::SubmitJob& job) {
  return ask<proto::SubmitReply>(
      [&](auto& core, auto request, Time now, auto& out) { core.submit(request, job, now, out); });
}

proto::JobStatus SimCluster::status(const std::string& job_id) {
  proto::WatchJob watch;
  watch.set_job_id(job_id);
  return ask<proto::JobStatus>(
      [&](auto& core, auto request, Time now, auto& out) { core.watch(request, watch, now, out); });
}

proto::CancelReply SimCluster::cancel(const std::string& job_id) {
  proto::CancelJob cancel;
  cancel.set_job_id(job_id);
  return ask<proto::CancelReply>([&](auto& core, auto request, Time now, auto& out) {
    core.cancel(request, cancel, now, out);
  });
}

proto::ResultBatch SimCluster::fetch(const proto::FetchResults& fetch) {
  return ask<proto::ResultBatch>(
      [&](auto& core, auto request, Time now, auto& out) { core.fetch(request, fetch, now, out); });
}

bool SimCluster::run_until(const std::string& job_id, proto::JobState state) {
  const auto reached = [&] {
    const proto::JobState now = status(job_id).state();
    return now == state || runtime::has_ended(now);
  };
  return world_.run_until(reached, kPatience) && status(job_id).state() == state;
}

proto::JobStatus SimCluster::run_to_end(const std::string& job_id) {
  const auto ended = [&] {
    return job_manager_->alive() && runtime::has_ended(status(job_id).state());
  };
  EXPECT_TRUE(world_.run_until(ended, kPatience))
      << "the job hangs in " << runtime::state_name(status(job_id).state());
  return status(job_id);
}

}  // namespace leat::sim
