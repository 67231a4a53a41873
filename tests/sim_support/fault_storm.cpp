#include "tests/sim_support/fault_storm.hpp"

#include <chrono>
#include <iterator>
#include <limits>
#include <string>
#include <tuple>
#include <utility>

#include "runtime/base/check.hpp"

namespace leat::sim {

namespace {

constexpr std::string_view kNames[] = {"task_manager_dies",
                                       "task_manager_dies_at",
                                       "task_manager_restarts",
                                       "task_manager_pauses",
                                       "slot_dies",
                                       "job_manager_dies",
                                       "job_manager_dies_at",
                                       "job_manager_pauses",
                                       "connection_breaks",
                                       "partition",
                                       "heals",
                                       "meta_writes_refused",
                                       "storage_full",
                                       "storage_fails",
                                       "chunk_write_fails",
                                       "chunk_disk_full",
                                       "copy_damaged",
                                       "also",
                                       "chunk_damaged",
                                       "task_manager_leaves",
                                       "manifest_damaged",
                                       "entry_damaged"};

constexpr std::uint64_t kEndless = std::numeric_limits<std::uint64_t>::max();

}  // namespace

std::string_view fault_name(FaultKind kind) {
  return kNames[static_cast<std::size_t>(kind)];
}

const std::vector<FaultKind>& all_faults() {
  static const std::vector<FaultKind> all = [] {
    std::vector<FaultKind> kinds;
    for (std::size_t kind = 0; kind <= static_cast<std::size_t>(FaultKind::kAlso); ++kind)
      kinds.push_back(static_cast<FaultKind>(kind));
    return kinds;
  }();
  return all;
}

FaultStorm::FaultStorm(SimCluster& cluster, FaultStormOptions options, std::function<void()> also)
    : cluster_(cluster), options_(std::move(options)), also_(std::move(also)) {}

void FaultStorm::schedule() {
  const auto pause = Duration(static_cast<Duration::rep>(
      below(static_cast<std::uint64_t>(options_.longest_pause.count()))));
  cluster_.world().post_at(cluster_.world().now() + pause, [this] {
    if (struck_++ == options_.faults || options_.kinds.empty())
      return end();
    strike(options_.kinds[below(options_.kinds.size())]);
    schedule();
  });
}

void FaultStorm::strike(FaultKind kind) {
  SimWorld& world = cluster_.world();
  const std::size_t victim = below(cluster_.size());
  SimTaskManager& task_manager = cluster_.task_manager(victim);
  world.trace([&] { return "fault: " + std::string(fault_name(kind)) + " " + task_manager.id(); });
  switch (kind) {
    case FaultKind::kTaskManagerDies:
      return kill(task_manager);
    case FaultKind::kTaskManagerDiesAt:
      return task_manager_dies_at(victim);
    case FaultKind::kTaskManagerRestarts:
      return cluster_.restart_task_manager(victim);
    case FaultKind::kTaskManagerPauses:
      return world.pause(task_manager.process());
    case FaultKind::kSlotDies:
      return break_slot(victim);
    case FaultKind::kJobManagerDies:
      return kill_job_manager();
    case FaultKind::kJobManagerDiesAt:
      return job_manager_dies_at();
    case FaultKind::kJobManagerPauses:
      return world.pause(cluster_.job_manager().process());
    case FaultKind::kConnectionBreaks:
      return break_connection(victim);
    case FaultKind::kPartition:
      return partition(victim);
    case FaultKind::kHeals:
      return heal();
    case FaultKind::kMetaWritesRefused:
      return cluster_.job_manager().store().refuse(static_cast<std::uint32_t>(below(4)));
    case FaultKind::kStorageFull:
      return cluster_.storage().set_space(below(2000));
    case FaultKind::kStorageFails:
      return cluster_.storage().fail(test::FileOperation::kSync, "", "Input/output error");
    case FaultKind::kChunkWriteFails:
      return cluster_.job_manager().chunks().fail_nth_write(1 + below(10));
    case FaultKind::kChunkDiskFull:
      return cluster_.job_manager().chunks().set_capacity(cluster_.job_manager().chunks().bytes() +
                                                          below(500));
    case FaultKind::kCopyDamaged:
      return task_manager.damage_copy(below(kEndless));
    case FaultKind::kAlso:
      if (also_)
        also_();
      return;
    case FaultKind::kChunkDamaged:
      return damage_chunk();
    case FaultKind::kTaskManagerLeaves:
      return task_managers_leave();
    case FaultKind::kManifestDamaged:
      return damage_manifest();
    case FaultKind::kEntryDamaged:
      return damage_entry();
  }
}

void FaultStorm::kill(SimTaskManager& task_manager) {
  if (!task_manager.alive())
    return;
  const bool with_machine = cluster_.world().chance(50);
  processes_lost_ += with_machine ? 1U : 0U;
  task_manager.kill(with_machine);
}

void FaultStorm::kill_job_manager() {
  SimWorld& world = cluster_.world();
  ++processes_lost_;
  cluster_.kill_job_manager(world.chance(50));
  const auto away = std::chrono::milliseconds(static_cast<std::int64_t>(below(300)));
  world.post_at(world.now() + away, [&cluster = cluster_] {
    if (!cluster.job_manager().alive())
      cluster.restart_job_manager();
  });
}

void FaultStorm::job_manager_dies_at() {
  SimJobManager& job_manager = cluster_.job_manager();
  if (!job_manager.alive())
    return;
  const auto die = [this] { kill_job_manager(); };
  if (cluster_.world().chance(20))
    return job_manager.die_before_change(below(6), die);
  const std::size_t command = below(std::variant_size_v<runtime::JobManagerCommand>);
  const auto nth = static_cast<std::uint32_t>(1 + below(12));
  job_manager.die_at(command, nth, cluster_.world().chance(50), die);
}

void FaultStorm::task_manager_dies_at(std::size_t victim) {
  SimTaskManager& task_manager = cluster_.task_manager(victim);
  const auto die = [this, &task_manager] { kill(task_manager); };
  if (cluster_.world().chance(50))
    return task_manager.die_before_change(below(8), die);
  // All but the last one, which ends it anyway.
  const std::size_t command = below(std::variant_size_v<runtime::TaskManagerCommand> - 1);
  const auto nth = static_cast<std::uint32_t>(1 + below(12));
  task_manager.die_at(command, nth, cluster_.world().chance(50), die);
}

void FaultStorm::task_managers_leave() {
  std::uint64_t several = cluster_.world().chance(30) ? 1 + below(cluster_.size()) : 1;
  for (std::size_t victim = below(cluster_.size()); several > 0; --several)
    task_manager_leaves(victim++ % cluster_.size());
}

void FaultStorm::task_manager_leaves(std::size_t victim) {
  SimWorld& world = cluster_.world();
  SimTaskManager& leaving = cluster_.task_manager(victim);
  if (!leaving.alive() || leaving.leaving())
    return;
  const auto within = [this](Duration limit) {
    return Duration(static_cast<Duration::rep>(below(static_cast<std::uint64_t>(limit.count()))));
  };
  world.post_at(world.now() + within(std::chrono::milliseconds(100)), [this, victim, &leaving] {
    const bool wanted = over_ && &cluster_.task_manager(victim) == &leaving;
    if (wanted || !leaving.alive() || leaving.leaving())
      return;
    leavers_.push_back(&leaving);
    leaving.leave();
  });
  const Duration more = FaultStormOptions::kLongestLeave - options_.shortest_leave;
  const Duration patience =
      options_.shortest_leave + (more > Duration::zero() ? within(more) : Duration::zero());
  world.post_at(world.now() + patience, [&leaving] {
    if (leaving.alive() && leaving.leaving())
      leaving.kill(false);
  });
  // Its successor is there before it has gone, or later, or when all is over.
  if (world.chance(30))
    return;
  const Duration after = world.chance(50) ? Duration::zero() : within(std::chrono::seconds(1));
  world.post_at(world.now() + after, [this, victim, &leaving] {
    if (!over_ && &cluster_.task_manager(victim) == &leaving)
      cluster_.replace_task_manager(victim);
  });
}

void FaultStorm::break_slot(std::size_t victim) {
  SimTaskManager& task_manager = cluster_.task_manager(victim);
  if (task_manager.alive() && task_manager.slots_in_use() > 0)
    task_manager.break_slot(below(task_manager.slots_in_use()));
}

void FaultStorm::break_connection(std::size_t victim) {
  const ProcessId one = cluster_.task_manager(victim).process();
  const std::size_t other = below(cluster_.size() + 1);
  cluster_.network().break_between(one, other == cluster_.size()
                                            ? cluster_.job_manager().process()
                                            : cluster_.task_manager(other).process());
}

void FaultStorm::partition(std::size_t victim) {
  const ProcessId one = cluster_.task_manager(victim).process();
  const std::size_t index = below(cluster_.size() + 1);
  const ProcessId other = index == cluster_.size() ? cluster_.job_manager().process()
                                                   : cluster_.task_manager(index).process();
  if (one == other)
    return;
  const std::uint64_t ways = below(3);
  if (ways != 1)
    cluster_.network().block(one, other);
  if (ways != 0)
    cluster_.network().block(other, one);
}

void FaultStorm::heal() {
  cluster_.network().unblock_all();
  for (std::size_t index = 0; index < cluster_.size(); ++index)
    cluster_.world().resume(cluster_.task_manager(index).process());
  cluster_.world().resume(cluster_.job_manager().process());
  cluster_.storage().heal();
  cluster_.storage().set_space(kEndless);
  cluster_.job_manager().chunks().set_capacity(kEndless);
}

void FaultStorm::damage_chunk() {
  test::MemoryChunkDisk& disk = cluster_.job_manager().chunks();
  const auto ids = disk.ids();
  if (ids.empty())
    return;
  const ChunkId victim = ids[below(ids.size())];
  if (cluster_.world().chance(50))
    disk.lose(victim);
  else
    std::ignore = disk.flip_bit(victim, below(kEndless));
}

void FaultStorm::damage_manifest() {
  SimMetaStore& store = cluster_.job_manager().store();
  std::vector<std::string> manifests;
  for (const auto& [key, value] : store.values()) {
    if (key.find("/checkpoint/") != std::string::npos)
      manifests.push_back(key);
  }
  if (manifests.empty())
    return;
  store.spoil(manifests[below(manifests.size())]);
}

void FaultStorm::damage_entry() {
  constexpr std::string_view kOfJobs = "job/";
  constexpr std::size_t kIdDigits = 32;
  SimMetaStore& store = cluster_.job_manager().store();
  if (store.values().empty())
    return;
  const auto victim =
      std::next(store.values().begin(), static_cast<std::ptrdiff_t>(below(store.values().size())));
  const std::string key = victim->first;
  LEAT_CHECK(key.starts_with(kOfJobs));
  cluster_.world().trace([&key] { return "damaged: " + key; });
  damaged_.insert(key.substr(kOfJobs.size(), kIdDigits));
  store.spoil(key);
}

void FaultStorm::end() {
  cluster_.world().trace([] { return "the storm is over"; });
  heal();
  cluster_.job_manager().store().refuse(0);
  if (cluster_.job_manager().alive())
    cluster_.job_manager().pardon();
  else
    cluster_.restart_job_manager();
  for (std::size_t index = 0; index < cluster_.size(); ++index) {
    SimTaskManager& task_manager = cluster_.task_manager(index);
    if (task_manager.alive() && !task_manager.leaving())
      task_manager.pardon();
    else
      cluster_.replace_task_manager(index);
  }
  over_ = true;
}

void run_fault_storm(SimCluster& cluster, const FaultStormOptions& options,
                     const std::function<void()>& also) {
  FaultStorm storm(cluster, options, also);
  storm.start();
  while (!storm.over())
    cluster.world().run_for(std::chrono::milliseconds(10));
}

}  // namespace leat::sim
