// The keeper's actor over a store in memory, for a JobManager whose TaskManagers the test plays.

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <caf/actor_system.hpp>
#include <caf/after.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/exit_reason.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>
#include <gmock/gmock.h>

#include "actors/actor_config.hpp"
#include "actors/error_text.hpp"
#include "actors/own_thread.hpp"
#include "actors/snapshot_keeper_state.hpp"
#include "actors/thread_priority.hpp"
#include "runtime/base/posix_file_system.hpp"
#include "tests/actors/recording_log.hpp"
#include "tests/coordination/checkpoint_probe.hpp"
#include "tests/support/memory_snapshot_store.hpp"

namespace leat::actors {
namespace {

using namespace std::chrono_literals;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::SizeIs;

/// A disk that the keeper's thread and the test look at.
struct SharedDisk {
  std::mutex mutex;
  std::shared_ptr<test::MemoryChunkDisk> disk = std::make_shared<test::MemoryChunkDisk>();
  bool written_giving_way = false;

  template <class Action>
  auto with(Action action) {
    const std::lock_guard lock(mutex);
    return action(*disk);
  }
};

/// A store on it.
class SharedStore final : public SnapshotStore {
 public:
  SharedStore(SharedDisk& disk, std::unique_ptr<SnapshotStore> store)
      : disk_(disk), store_(std::move(store)) {}

  Result<std::vector<ChunkId>> put(const std::vector<std::string_view>& chunks) override {
    const std::lock_guard lock(disk_.mutex);
    disk_.written_giving_way = gives_way();
    return store_->put(chunks);
  }
  Result<std::string> get(ChunkId id) override {
    const std::lock_guard lock(disk_.mutex);
    return store_->get(id);
  }
  void release(const std::vector<ChunkId>& ids) override {
    const std::lock_guard lock(disk_.mutex);
    store_->release(ids);
  }
  Result<bool> collect(std::size_t budget_bytes) override {
    const std::lock_guard lock(disk_.mutex);
    return store_->collect(budget_bytes);
  }
  [[nodiscard]] bool needs_reopen() const override { return store_->needs_reopen(); }
  Result<std::vector<ChunkId>> reopen() override {
    const std::lock_guard lock(disk_.mutex);
    return store_->reopen();
  }
  [[nodiscard]] StoreUsage usage() const override { return store_->usage(); }

 private:
  SharedDisk& disk_;
  std::unique_ptr<SnapshotStore> store_;
};

/// What the keeper tells the JobManager.
struct Answers {
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<KeeperAnswer> waiting;
};

caf::behavior job_manager(caf::event_based_actor*, Answers* answers) {
  return {[answers](const KeeperAnswer& answer) {
    const std::lock_guard lock(answers->mutex);
    answers->waiting.push_back(answer);
    answers->changed.notify_all();
  }};
}

class SnapshotKeeperTest : public ::testing::Test {
 protected:
  using Probe = runtime::test::CheckpointProbe;

  SnapshotKeeperTest() {
    owner_ = system_.spawn(job_manager, &answers_);
    keeper_ = spawn_on_own_thread(
        system_, snapshot_keeper,
        SnapshotKeeperSetup{[this](const std::vector<ChunkId>& live) { return open(live); }, files_,
                            log_, caf::actor_cast<local_job_manager_actor>(owner_)});
  }
  ~SnapshotKeeperTest() override {
    caf::anon_send_exit(keeper_, caf::exit_reason::user_shutdown);
    caf::anon_send_exit(owner_, caf::exit_reason::user_shutdown);
  }

  Result<OpenedSnapshots> open(const std::vector<ChunkId>& live) {
    const std::lock_guard lock(disk_.mutex);
    auto opened = test::MemorySnapshotStore::open(disk_.disk, Epoch{1}, live);
    if (!opened)
      return opened.error();
    return OpenedSnapshots{std::make_unique<SharedStore>(disk_, std::move(opened->store)),
                           std::move(opened->lost)};
  }

  /// The newest command of this kind, carried out, and its answer taken.
  template <class Command>
  void carry_out(Probe& jm) {
    caf::anon_send(keeper_, jm.last<Command>());
    take_answer(jm);
  }
  void take_answer(Probe& jm) {
    std::unique_lock lock(answers_.mutex);
    ASSERT_TRUE(answers_.changed.wait_for(lock, 30s, [this] { return !answers_.waiting.empty(); }));
    const KeeperAnswer answer = std::move(answers_.waiting.front());
    answers_.waiting.pop_front();
    lock.unlock();
    answer.tell(jm.core(), jm.now(), jm.out());
  }
  /// A job of one subtask runs.
  void run(Probe& jm) {
    jm.run();
    carry_out<runtime::KeepChunks>(jm);
  }
  /// A checkpoint of one chunk; where that lies.
  ChunkId complete(Probe& jm) {
    const auto id = jm.trigger();
    jm.chunk(jm.deployments()[0], id, 0);
    carry_out<runtime::StoreChunks>(jm);
    const auto stored = jm.sent<proto::ChunkStored>().back().second;
    const ChunkId chunk{stored.epoch(), stored.counter()};
    jm.ack_all(id, Probe::with_segment(chunk));
    jm.persist_all();
    return chunk;
  }
  std::vector<ChunkId> on_disk() {
    return disk_.with([](auto& disk) { return disk.ids(); });
  }

  SharedDisk disk_;
  PosixFileSystem files_;
  test::RecordingLog log_;
  Answers answers_;
  LeatActorConfig config_{Networking::kOff};
  caf::actor_system system_{config_};
  caf::actor owner_;
  snapshot_keeper_actor keeper_;
};

TEST_F(SnapshotKeeperTest, StoresChunksAndGivesThemBack) {
  Probe jm(Probe::checkpointed_job(1));
  run(jm);
  const ChunkId chunk = complete(jm);
  EXPECT_THAT(on_disk(), Contains(chunk));
  jm.failed(jm.deployments()[0]);
  jm.restart();
  proto::FetchChunk fetch;
  *fetch.mutable_ref() = jm.deployments()[0];
  fetch.set_epoch(chunk.epoch);
  fetch.set_counter(chunk.counter);
  jm.core().fetch_chunk(jm.deployed_to(fetch.ref()), fetch, jm.now(), jm.out());
  carry_out<runtime::LoadChunk>(jm);
  EXPECT_EQ(jm.sent<proto::ChunkData>().back().second.data(), "data");
}

TEST_F(SnapshotKeeperTest, GivesWayToRecords) {
  Probe jm(Probe::checkpointed_job(1));
  run(jm);
  complete(jm);
  const std::lock_guard lock(disk_.mutex);
  EXPECT_TRUE(disk_.written_giving_way);
}

TEST_F(SnapshotKeeperTest, TellsAtTheStartWhichChunksAreMissing) {
  Probe before(Probe::checkpointed_job(1));
  before.run();
  const auto id = before.trigger();
  before.chunk(before.deployments()[0], id, 0);
  const ChunkId chunk = before.store().front();  // on another disk
  before.ack_all(id, Probe::with_segment(chunk));
  before.persist_all();
  Probe jm(Probe::checkpointed_job(1), 2, before.meta());
  EXPECT_TRUE(jm.list().checkpoints(0).retained());
  carry_out<runtime::KeepChunks>(jm);
  EXPECT_EQ(jm.logged("chunks_lost"), 1U);
  EXPECT_FALSE(jm.list().checkpoints(0).retained());
}

TEST_F(SnapshotKeeperTest, FreesWhatIsReleasedWhenNothingElseIsDue) {
  Probe jm(Probe::checkpointed_job(1));
  run(jm);
  const auto id = jm.trigger();
  jm.chunk(jm.deployments()[0], id, 0);
  carry_out<runtime::StoreChunks>(jm);
  EXPECT_THAT(on_disk(), SizeIs(1));
  jm.decline(jm.deployments()[0], id);
  caf::anon_send(keeper_, jm.last<runtime::ReleaseChunks>());
  const auto deadline = std::chrono::steady_clock::now() + 30s;
  while (!on_disk().empty() && std::chrono::steady_clock::now() < deadline)
    std::this_thread::yield();
  EXPECT_THAT(on_disk(), SizeIs(0));
}

TEST_F(SnapshotKeeperTest, OpensAStoreThatFailedAnewAndTheNextCheckpointIsStored) {
  Probe jm(Probe::checkpointed_job(1));
  run(jm);
  disk_.with([](auto& disk) { disk.fail_nth_write(1); });
  const auto id = jm.trigger();
  jm.chunk(jm.deployments()[0], id, 0);
  carry_out<runtime::StoreChunks>(jm);
  EXPECT_THAT(jm.list().checkpoints(0).failure(), HasSubstr("a simulated write failed"));
  EXPECT_EQ(log_.await("chunks_not_stored").event, "chunks_not_stored");
  EXPECT_EQ(log_.await("store_reopened").event, "store_reopened");
  EXPECT_THAT(on_disk(), Contains(complete(jm)));
}

TEST_F(SnapshotKeeperTest, TellsWhichChunksAreDamagedWhenTheStoreIsOpenedAnew) {
  Probe jm(Probe::checkpointed_job(1));
  run(jm);
  const ChunkId chunk = complete(jm);
  disk_.with([&](auto& disk) {
    EXPECT_TRUE(disk.flip_bit(chunk, 1));
    disk.fail_nth_write(1);
  });
  const auto id = jm.trigger();
  jm.chunk(jm.deployments()[0], id, 0);
  carry_out<runtime::StoreChunks>(jm);
  EXPECT_TRUE(jm.list().checkpoints(1).retained());
  take_answer(jm);
  EXPECT_FALSE(jm.list().checkpoints(1).retained());
  EXPECT_EQ(jm.logged("chunks_lost"), 1U);
}

TEST_F(SnapshotKeeperTest, EndsWithTheReasonWhenTheStoreCannotBeOpened) {
  disk_.with([](auto& disk) { disk.power_off_after(0); });
  const caf::scoped_actor self(system_);
  self->monitor(keeper_);
  caf::anon_send(keeper_, runtime::KeepChunks{});
  bool told = false;
  self->receive(
      [&](const caf::down_msg& down) {
        told = true;
        EXPECT_THAT(error_text(down.reason), HasSubstr("the machine is off"));
      },
      caf::after(30s) >> [] {});
  EXPECT_TRUE(told);
}

}  // namespace
}  // namespace leat::actors
