#include "tests/sim_support/scripted_job.hpp"

#include <algorithm>
#include <utility>

#include "runtime/base/ids.hpp"
#include "tests/sim_support/list_enumerator.hpp"
#include "tests/sim_support/sim_world.hpp"

namespace leat::sim {

namespace {

/// "<job>/<attempt>/<subtask>".
std::string output_name(const proto::SubtaskRef& ref) {
  return ref.job_id() + "/" + std::to_string(ref.attempt()) + "/" + std::to_string(ref.subtask());
}

class ScriptedSlot final : public SimSlot {
 public:
  ScriptedSlot(SimSlotPort& port, ScriptedOutputs& outputs, const ScriptedFaults& faults,
               bool collect)
      : port_(port), outputs_(outputs), faults_(faults), collect_(collect) {}

  void start() override {
    if (!faults_.idle)
      port_.request_split(0);
  }

  void split_grant(const proto::SplitGrant& grant) override {
    if (grant.no_more())
      return finish();
    for (const proto::Split& split : grant.splits())
      read(split.id());
    if (faults_.after_split) {
      if (auto failed = faults_.after_split(port_.deployment().ref(), splits_))
        return port_.fail(std::move(*failed));
    }
    port_.metrics(splits_, splits_);
    ask_on();
  }

  void collect_credit(const proto::CollectCredit& credit) override {
    credit_ += credit.batches();
    ask_on();
  }

  void abort() override { outputs_.pending.erase(output_name(port_.deployment().ref())); }

 private:
  void read(std::uint64_t split) {
    ++splits_;
    waiting_ = true;
    if (collect_) {
      --credit_;
      port_.rows({std::to_string(split)}, 0);
    } else {
      outputs_.pending[output_name(port_.deployment().ref())].push_back(split);
    }
  }

  void ask_on() {
    if (!waiting_ || credit_ == 0)
      return;
    waiting_ = false;
    port_.later([this] { port_.request_split(0); });
  }

  void finish() {
    proto::SubtaskEvent::Finished result;
    result.set_records_in(splits_);
    result.set_records_out(splits_);
    if (!collect_ && splits_ > 0) {
      proto::Committable& committable = *result.add_committables();
      committable.set_sink_uid("sink");
      committable.set_kind("text_directory");
      committable.set_handle(output_name(port_.deployment().ref()));
    }
    port_.finish(std::move(result));
  }

  SimSlotPort& port_;
  ScriptedOutputs& outputs_;
  const ScriptedFaults& faults_;
  bool collect_;
  bool waiting_ = false;
  std::uint64_t splits_ = 0;
  std::uint64_t credit_ = 2;
};

}  // namespace

Result<runtime::PreparedJob> ScriptedOutputs::prepare(FileSystem& /*files*/,
                                                      const runtime::PrepareJob& /*command*/) {
  ++prepared;
  if (prepare_fails)
    return *prepare_fails;
  std::vector<proto::Split> all(splits);
  for (std::uint64_t id = 0; id < splits; ++id)
    all[id].set_id(id);
  runtime::PreparedJob job;
  job.enumerators.push_back(std::make_unique<ListEnumerator>(std::move(all)));
  return job;
}

Result<void> ScriptedOutputs::commit(FileSystem& /*files*/, const proto::Committable& committable) {
  ++commits_done;
  if (commits_fail > 0) {
    --commits_fail;
    return Error(ErrorKind::kIo, "the disk is full");
  }
  const std::string& name = committable.handle();
  if (visible.contains(name))
    return {};
  const auto found = pending.find(name);
  if (found == pending.end())
    return Error(ErrorKind::kIo, "'" + name + "' is gone");
  visible[name] = std::move(found->second);
  pending.erase(found);
  return {};
}

void ScriptedOutputs::clean(FileSystem& /*files*/, const runtime::CleanOutputs& command) {
  cleaned_ended += command.ended ? 1U : 0U;
  std::erase_if(pending, [&command](const auto& entry) {
    const std::string& name = entry.first;
    const std::string job = command.job.hex();
    if (!name.starts_with(job))
      return false;
    const auto attempt = std::stoul(name.substr(job.size() + 1));
    return attempt <= static_cast<std::uint32_t>(command.attempt);
  });
}

std::vector<std::uint64_t> ScriptedOutputs::visible_splits() const {
  std::vector<std::uint64_t> all;
  for (const auto& [name, read] : visible)
    all.insert(all.end(), read.begin(), read.end());
  std::sort(all.begin(), all.end());
  return all;
}

SimSlotFactory scripted_slots(ScriptedOutputs& outputs, const ScriptedFaults& faults,
                              bool collect) {
  return [&outputs, &faults, collect](SimSlotPort& port) {
    return std::make_unique<ScriptedSlot>(port, outputs, faults, collect);
  };
}

proto::SubmitJob scripted_job(std::uint64_t id, std::uint32_t parallelism, bool collect) {
  proto::SubmitJob job;
  job.set_job_id(JobId(0, id).hex());
  job.set_name("scripted-" + std::to_string(id));
  job.set_artefact_sha256(std::string(64, 'a'));
  job.set_plan_sha256(std::string(64, 'b'));
  job.set_parallelism(parallelism);
  job.set_attached(true);
  proto::Plan& plan = *job.mutable_plan();
  plan.set_max_parallelism(128);
  plan.add_stages()->set_name("all");
  plan.add_sources()->set_kind("range");
  proto::SinkSpec& sink = *plan.add_sinks();
  sink.set_kind(collect ? "collect" : "text_directory");
  sink.set_path("/out");
  return job;
}

}  // namespace leat::sim
