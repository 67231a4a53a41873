#include "bench/micro/pipeline_runner.hpp"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <utility>

#include "runtime/base/posix_file_system.hpp"
#include "runtime/connectors/make_split_enumerator.hpp"
#include "runtime/graph/graph_builder.hpp"
#include "runtime/graph/plan_builder.hpp"

namespace leat::bench {
namespace {

[[noreturn]] void fail(const std::string& reason) {
  std::fprintf(stderr, "pipeline benchmark: %s\n", reason.c_str());
  std::abort();
}

class SteadyClock final : public Clock {
 public:
  [[nodiscard]] Time now() const override {
    return Time(std::chrono::steady_clock::now().time_since_epoch());
  }
};

using Enumerators = std::vector<std::unique_ptr<runtime::SplitEnumerator>>;

/// Keeps what a pipeline asks for until its turn is over: an outbox must not call back.
class Mailbox final : public runtime::SlotOutbox {
 public:
  using Event = std::function<void(std::vector<std::unique_ptr<runtime::SlotTask>>&)>;

  Mailbox(std::uint32_t subtask, const Enumerators& enumerators)
      : subtask_(subtask), enumerators_(&enumerators) {}

  void send_buffer(runtime::ChannelId channel, std::uint64_t sequence,
                   runtime::BufferPtr buffer) override {
    events_.emplace_back([channel, sequence, buffer = std::move(buffer)](auto& tasks) {
      tasks[channel.to]->on_buffer(channel, sequence, buffer);
    });
  }
  void send_credit(runtime::ChannelId channel, std::uint32_t buffers) override {
    events_.emplace_back(
        [channel, buffers](auto& tasks) { tasks[channel.from]->on_credit(channel, buffers); });
  }
  void request_split(std::uint32_t source) override {
    proto::SplitGrant grant;
    grant.set_source(source);
    if (auto split = (*enumerators_)[source]->next(subtask_))
      *grant.add_splits() = std::move(*split);
    else
      grant.set_no_more(true);
    events_.emplace_back(
        [grant, subtask = subtask_](auto& tasks) { tasks[subtask]->on_split_grant(grant); });
  }
  void send_rows(std::vector<std::string> /*rows*/, std::uint64_t /*before_barrier*/) override {
    fail("a sink sent rows");
  }
  void acknowledge(proto::SubtaskEvent::CheckpointAck /*ack*/) override {
    fail("nobody triggered a checkpoint");
  }
  void decline(std::uint64_t /*checkpoint*/, const std::string& reason) override { fail(reason); }
  void send_chunk(std::uint64_t /*checkpoint*/, std::uint64_t /*sequence*/,
                  std::string /*data*/) override {
    fail("nobody triggered a checkpoint");
  }
  void fetch_chunk(std::uint64_t /*epoch*/, std::uint64_t /*counter*/) override {
    fail("nothing is to be restored");
  }
  void run_io(runtime::IoToken token, std::function<Result<void>()> work) override {
    events_.emplace_back([token, work = std::move(work), subtask = subtask_](auto& tasks) {
      tasks[subtask]->on_io_done(token, work());
    });
  }

  void deliver(std::vector<std::unique_ptr<runtime::SlotTask>>& tasks) {
    while (!events_.empty()) {
      Event event = std::move(events_.front());
      events_.pop_front();
      event(tasks);
    }
  }

 private:
  std::uint32_t subtask_;
  const Enumerators* enumerators_;
  std::deque<Event> events_;
};

}  // namespace

std::shared_ptr<const runtime::JobGraph> build_graph(
    const std::function<void(Environment&)>& build, proto::Mode mode,
    const std::map<std::string, std::string>& config) {
  runtime::BuildOptions options;
  options.mode = mode;
  options.config = config;
  runtime::GraphBuilder builder;
  Environment environment(builder, options);
  build(environment);
  auto nodes = builder.take();
  auto plan = runtime::make_plan(*nodes, mode, options.max_parallelism);
  if (!plan)
    fail(plan.error().message());
  return std::make_shared<const runtime::JobGraph>(std::move(nodes), std::move(*plan));
}

std::uint64_t run_pipelines(const runtime::JobGraph& graph, std::uint32_t parallelism) {
  PosixFileSystem files;
  SteadyClock clock;
  Enumerators enumerators;
  for (const auto& source : graph.plan().sources()) {
    auto enumerator = runtime::make_split_enumerator(files, source, parallelism);
    if (!enumerator)
      fail(enumerator.error().message());
    enumerators.push_back(std::move(*enumerator));
  }
  std::deque<Mailbox> outboxes;
  std::vector<std::unique_ptr<runtime::SlotTask>> tasks;
  for (std::uint32_t subtask = 0; subtask < parallelism; ++subtask) {
    Mailbox& outbox = outboxes.emplace_back(subtask, enumerators);
    auto task =
        runtime::SlotTask::create(graph, {JobId(), Attempt{1}, subtask, parallelism,
                                          graph.plan().max_parallelism(), files, clock, outbox});
    if (!task)
      fail(task.error().message());
    tasks.push_back(std::move(*task));
  }
  std::size_t finished = 0;
  for (std::vector<bool> done(parallelism); finished < parallelism;) {
    for (std::uint32_t subtask = 0; subtask < parallelism; ++subtask) {
      if (done[subtask])
        continue;
      const auto outcome = tasks[subtask]->turn(clock.now());
      outboxes[subtask].deliver(tasks);
      if (outcome.next == runtime::TurnOutcome::Next::kFailed)
        fail(tasks[subtask]->failure()->error.message());
      done[subtask] = outcome.next == runtime::TurnOutcome::Next::kFinished;
      finished += done[subtask] ? 1 : 0;
    }
  }
  std::uint64_t records = 0;
  for (const auto& task : tasks)
    records += task->records_in();
  return records;
}

}  // namespace leat::bench
