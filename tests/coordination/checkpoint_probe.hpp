#pragma once

// A JobManagerProbe with one job that takes checkpoints: the test also plays the snapshot store and what
// subtasks say of checkpoints.

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "runtime/checkpointing/packed_pieces.hpp"
#include "tests/coordination/job_manager_probe.hpp"

namespace leat::runtime::test {

class CheckpointProbe : public JobManagerProbe {
 public:
  using Config = std::map<std::string, std::string>;

  static proto::SubmitJob checkpointed_job(std::uint32_t parallelism, Config config = {},
                                           bool collect = false) {
    proto::SubmitJob job = sim::scripted_job(1, parallelism, collect);
    config.emplace("execution.checkpointing.interval", "1 s");
    for (const auto& [key, value] : config)
      (*job.mutable_config())[key] = value;
    proto::Plan& plan = *job.mutable_plan();
    plan.mutable_sources(0)->set_uid("source");
    plan.mutable_sinks(0)->set_uid("sink");
    plan.mutable_stages(0)->add_operators()->set_uid("count");
    plan.mutable_stages(0)->add_operators()->set_uid("source");
    return job;
  }
  static JobManagerOptions options() {
    JobManagerOptions options;
    options.resource_wait = Duration::zero();
    return options;
  }

  explicit CheckpointProbe(const proto::SubmitJob& job, std::uint64_t epoch = 1,
                           const Stored& stored = {}, const JobManagerOptions& engine = options())
      : JobManagerProbe(engine, epoch, stored), job_(job), chunk_epoch_(epoch) {}

  /// Submitted, deployed on as many TaskManagers of one slot each, and running.
  void run() {
    for (std::uint64_t number = 1; number <= job_.parallelism(); ++number)
      register_tm(number, 1);
    accept(job_);
    start();
  }
  /// Deployed, to running.
  void start() {
    deploy_all();
    for (const auto& ref : deployments())
      running(ref);
  }
  /// What fails or was lost is let go, and runs again.
  void restart() {
    release_all();
    persist_all();
    if (state() == proto::JOB_RESTARTING)
      advance(std::chrono::milliseconds(200));  // not the first one
    start();
  }

  /// A JobManager that was started anew: the store has all chunks but `missing`, and the job runs again.
  void recover(const std::vector<ChunkId>& missing = {}) {
    answer_kept(missing);
    for (std::uint64_t number = 1; number <= job_.parallelism(); ++number)
      register_tm(number, 1);
    persist_all();
    if (state() != proto::JOB_RESTARTING)
      return;
    prepare();
    start();
  }
  void answer_kept(const std::vector<ChunkId>& missing = {}) {
    core().on_chunks_kept(last<KeepChunks>().token, missing, now(), out());
  }

  // ---- checkpoints
  /// An interval passes.
  std::uint64_t trigger() {
    const std::size_t before = sent<proto::TriggerCheckpoint>().size();
    for (int i = 0; i < 3 && sent<proto::TriggerCheckpoint>().size() == before; ++i)
      advance(std::chrono::milliseconds(500));
    LEAT_CHECK(sent<proto::TriggerCheckpoint>().size() > before);
    return triggered();
  }
  /// The newest one triggered; 0: none.
  [[nodiscard]] std::uint64_t triggered() const {
    const auto triggers = sent<proto::TriggerCheckpoint>();
    return triggers.empty() ? 0 : triggers.back().second.checkpoint();
  }
  void ack(const proto::SubtaskRef& ref, std::uint64_t checkpoint,
           const proto::SubtaskSnapshot& snapshot = {}) {
    auto message = event(ref);
    message.mutable_checkpoint_ack()->set_checkpoint(checkpoint);
    *message.mutable_checkpoint_ack()->mutable_snapshot() = snapshot;
    say(message);
  }
  void ack_all(std::uint64_t checkpoint, const proto::SubtaskSnapshot& snapshot = {}) {
    for (const auto& ref : deployments())
      ack(ref, checkpoint, snapshot);
  }
  void decline(const proto::SubtaskRef& ref, std::uint64_t checkpoint) {
    auto message = event(ref);
    message.mutable_checkpoint_declined()->set_checkpoint(checkpoint);
    message.mutable_checkpoint_declined()->set_reason("no memory");
    say(message);
  }
  /// Triggered, acknowledged, durable; its commits are acknowledged.
  std::uint64_t complete(const proto::SubtaskSnapshot& snapshot = {}) {
    const std::uint64_t id = trigger();
    ack_all(id, snapshot);
    persist_all();
    commit_all(id);
    persist_all();
    return id;
  }
  void commit_all(std::uint64_t checkpoint) {
    for (const auto& [to, message] : sent<proto::CommitOutput>()) {
      if (message.checkpoint() == checkpoint)
        committed(message.ref(), to, checkpoint);
    }
  }

  // ---- chunks
  void chunk(const proto::SubtaskRef& ref, std::uint64_t checkpoint, std::uint64_t sequence,
             const std::string& data = "data") {
    proto::SnapshotChunk message;
    *message.mutable_ref() = ref;
    message.set_checkpoint(checkpoint);
    message.set_sequence(sequence);
    message.set_data(data);
    core().snapshot_chunk(deployed_to(ref), message, now(), out());
  }
  /// The newest batch is durable; ids ascend over the probe's life.
  std::vector<ChunkId> store() {
    const auto batch = last<StoreChunks>();
    std::vector<ChunkId> ids;
    for (std::size_t i = 0; i < batch.chunks.size(); ++i)
      ids.push_back({chunk_epoch_, ++last_chunk_});
    core().on_chunks_stored(batch.token, ids, now(), out());
    return ids;
  }
  void store_fails() {
    core().on_chunks_stored(last<StoreChunks>().token, Error(ErrorKind::kIo, "disk full"), now(),
                            out());
  }
  [[nodiscard]] std::vector<ChunkId> released_chunks() const {
    std::vector<ChunkId> ids;
    for (const auto& command : all<ReleaseChunks>())
      ids.insert(ids.end(), command.ids.begin(), command.ids.end());
    return ids;
  }

  /// The checkpoint that a job goes on from elsewhere is taken, and the old attempt lets go.
  void take_checkpoint_and_let_go() {
    EXPECT_EQ(sent<proto::TriggerCheckpoint>().back().second.kind(), proto::CHECKPOINT_RESCALE);
    EXPECT_TRUE(sent<proto::TriggerCheckpoint>().back().second.align());
    ack_all(triggered());
    persist_all();
    EXPECT_EQ(state(), proto::JOB_RESTARTING);
    release_all();
    persist_all();
  }

  // ---- snapshots
  static void add_segment(proto::SubtaskSnapshot& snapshot, ChunkId chunk) {
    proto::KeyedStateSnapshot& keyed = *snapshot.add_keyed();
    keyed.set_uid("count");
    keyed.set_type("string:int");
    append_packed(*keyed.add_segments()->mutable_chain(), {.chunk = chunk, .length = 4});
  }
  static proto::SubtaskSnapshot with_segment(ChunkId chunk) {
    proto::SubtaskSnapshot snapshot;
    add_segment(snapshot, chunk);
    return snapshot;
  }
  /// The same segment as the base's, unchanged.
  static proto::SubtaskSnapshot with_segment_on_base() {
    proto::SubtaskSnapshot snapshot = with_segment({});
    proto::SegmentSnapshot& segment = *snapshot.mutable_keyed(0)->mutable_segments(0);
    segment.set_on_base(true);
    segment.clear_chain();
    return snapshot;
  }
  static void add_output(proto::SubtaskSnapshot& snapshot, const std::string& handle) {
    proto::Committable& committable = *snapshot.add_committables();
    committable.set_sink_uid("sink");
    committable.set_kind("text_directory");
    committable.set_handle(handle);
  }
  static proto::SubtaskSnapshot with_output(const std::string& handle) {
    proto::SubtaskSnapshot snapshot;
    add_output(snapshot, handle);
    return snapshot;
  }

  // ---- what is there
  using JobManagerProbe::state;
  [[nodiscard]] proto::JobState state() { return state(job_); }
  [[nodiscard]] proto::JobStatus status_now() { return status(job_); }
  [[nodiscard]] proto::CheckpointList list() {
    proto::ListCheckpoints message;
    message.set_job_id(job_.job_id());
    const RequestId request = ask();
    core().checkpoints(request, message, now(), out());
    return reply<proto::CheckpointList>(request).value();
  }
  /// Keys of manifests in the metadata store.
  [[nodiscard]] std::vector<std::string> manifests() const {
    std::vector<std::string> keys;
    for (const auto& [key, value] : JobManagerProbe::store()) {
      if (key.find("/checkpoint/") != std::string::npos)
        keys.push_back(key.substr(key.rfind('/') + 1));
    }
    return keys;
  }
  [[nodiscard]] Stored meta() const { return JobManagerProbe::store(); }
  /// The handles in commits sent for a checkpoint, sorted; each as often as it was sent.
  [[nodiscard]] std::vector<std::string> outputs_sent(std::uint64_t checkpoint) const {
    std::vector<std::string> handles;
    for (const auto& [to, message] : sent<proto::CommitOutput>()) {
      for (const auto& committable : message.committables()) {
        if (message.checkpoint() == checkpoint)
          handles.push_back(committable.handle());
      }
    }
    std::sort(handles.begin(), handles.end());
    return handles;
  }
  [[nodiscard]] proto::DeploySubtask deployment(const proto::SubtaskRef& ref) const {
    for (const auto& [to, message] : sent<proto::DeploySubtask>()) {
      if (message.ref().SerializeAsString() == ref.SerializeAsString())
        return message;
    }
    return {};
  }
  [[nodiscard]] const proto::SubmitJob& job() const { return job_; }

 private:
  proto::SubmitJob job_;
  std::uint64_t chunk_epoch_;
  std::uint64_t last_chunk_ = 0;
};

}  // namespace leat::runtime::test
