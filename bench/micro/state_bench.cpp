// What keyed state costs: looking up and changing values, against a flat hash map; and snapshots.
#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <ctime>
#include <string>
#include <string_view>
#include <utility>

#include <absl/container/flat_hash_map.h>
#include <benchmark/benchmark.h>

#include "bench/data/random.hpp"
#include "runtime/state/keyed_map.hpp"
#include "serialization/key_hash.hpp"

namespace leat::bench {
namespace {

using runtime::ChainSize;
using runtime::KeyedMap;
using runtime::SegmentContent;
using runtime::SegmentId;

constexpr runtime::KeyGroupRange kAllGroups{0, 128, 128};
constexpr std::size_t kBatch = 16;
using Counts = KeyedMap<std::int64_t, std::int64_t>;

std::uint64_t hash_of(std::int64_t key) {
  return KeyHasher<std::int64_t>()(key);
}

struct RotatedHash {
  std::size_t operator()(std::int64_t key) const { return std::rotr(hash_of(key), 15); }
};
using FlatMap = absl::flat_hash_map<std::int64_t, std::int64_t, RotatedHash>;

/// Batches of random keys, as KeyBatch takes them.
template <class Batch>
void change_values(benchmark::State& state, Batch change) {
  const auto keys = static_cast<std::uint64_t>(state.range(0));
  std::uint64_t n = 0;
  std::array<std::int64_t, kBatch> batch;
  for (auto _ : state) {
    for (std::int64_t& key : batch)
      key = static_cast<std::int64_t>(scale(mix(n++), keys));
    change(batch);
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * kBatch));
}

void change_flat_map(benchmark::State& state) {
  FlatMap map;
  for (std::int64_t key = 0; key < state.range(0); ++key)
    map[key] = 0;
  change_values(state, [&map](const auto& keys) {
    for (const std::int64_t key : keys)
      map.prefetch(key);
    for (const std::int64_t key : keys)
      ++map[key];
  });
}

void change_keyed_map(benchmark::State& state) {
  Counts map(kAllGroups);
  for (std::int64_t key = 0; key < state.range(0); ++key)
    map.find_or_create(key) = 0;
  change_values(state, [&map](const auto& keys) {
    if (!map.prefetch_pays()) {
      for (const std::int64_t key : keys)
        ++map.find_or_create(key);
      return;
    }
    std::array<std::uint64_t, kBatch> hashes;
    for (std::size_t i = 0; i < kBatch; ++i) {
      hashes[i] = hash_of(keys[i]);
      map.prefetch(hashes[i]);
    }
    for (std::size_t i = 0; i < kBatch; ++i)
      ++map.find_or_create(keys[i], hashes[i]);
  });
}
BENCHMARK(change_flat_map)->Arg(1000)->Arg(100'000)->Arg(1'000'000);
BENCHMARK(change_keyed_map)->Arg(1000)->Arg(100'000)->Arg(1'000'000);

void create_flat_map(benchmark::State& state) {
  for (auto _ : state) {
    FlatMap map;
    for (std::int64_t key = 0; key < state.range(0); ++key)
      map[key] = key;
    benchmark::DoNotOptimize(map);
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * state.range(0));
}
void create_keyed_map(benchmark::State& state) {
  for (auto _ : state) {
    Counts map(kAllGroups);
    for (std::int64_t key = 0; key < state.range(0); ++key)
      map.find_or_create(key) = key;
    benchmark::DoNotOptimize(map);
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * state.range(0));
}
BENCHMARK(create_flat_map)->Arg(1000)->Arg(1'000'000)->Unit(benchmark::kMillisecond);
BENCHMARK(create_keyed_map)->Arg(1000)->Arg(1'000'000)->Unit(benchmark::kMillisecond);

/// Keeps the sizes of what it is given, as the manifest of a complete snapshot does.
class Sizes final : public runtime::SnapshotBase, public runtime::SegmentSink {
 public:
  [[nodiscard]] const ChainSize* find(SegmentId id) const override {
    const auto found = base_.find(id);
    return found == base_.end() ? nullptr : &found->second;
  }
  void segment(SegmentId id, SegmentContent content, std::string_view bytes) override {
    sent += bytes.size();
    if (content == SegmentContent::kWhole) {
      sizes_[id] = {bytes.size(), 0, 0};
      return;
    }
    ChainSize size = base_.at(id);
    if (content == SegmentContent::kDelta)
      size = {size.whole_bytes, size.delta_bytes + bytes.size(), size.deltas + 1};
    sizes_[id] = size;
  }
  void complete() { base_ = std::exchange(sizes_, {}); }

  std::size_t sent = 0;

 private:
  absl::flat_hash_map<SegmentId, ChainSize> base_;
  absl::flat_hash_map<SegmentId, ChainSize> sizes_;
};

/// Of this thread alone, in ms: on a busy machine others' time would be taken for pauses.
double cpu_time() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

/// The rest of a snapshot that has begun, a segment at a time; the longest time of one, in ms.
double take_slices(runtime::SegmentedState& state, Sizes& sizes) {
  double longest = 0;
  for (bool done = false; !done;) {
    const double slice = cpu_time();
    done = state.advance_snapshot(1, sizes);
    longest = std::max(longest, cpu_time() - slice);
  }
  sizes.complete();
  return longest;
}

/// Every hundredth key of 100 MB is changed again and again: after a snapshot, changes are listed.
void change_hot_keys(benchmark::State& state) {
  constexpr std::uint64_t kKeys = 100'000'000 / 16;
  Counts map(kAllGroups);
  for (std::uint64_t key = 0; key < kKeys; ++key)
    map.find_or_create(static_cast<std::int64_t>(key)) = 0;
  Sizes sizes;
  if (state.range(0) != 0) {
    map.begin_snapshot(1, 0, sizes);
    while (!map.advance_snapshot(1 << 20, sizes)) {
    }
  }
  std::uint64_t n = 0;
  std::array<std::int64_t, kBatch> keys;
  std::array<std::uint64_t, kBatch> hashes;
  for (auto _ : state) {
    for (std::size_t i = 0; i < kBatch; ++i) {
      keys[i] = static_cast<std::int64_t>(scale(mix(n++), kKeys / 100) * 100);
      hashes[i] = hash_of(keys[i]);
      map.prefetch(hashes[i]);
    }
    for (std::size_t i = 0; i < kBatch; ++i)
      ++map.find_or_create(keys[i], hashes[i]);
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * kBatch));
}
BENCHMARK(change_hot_keys)->ArgName("listing")->Arg(0)->Arg(1);

/// Snapshots of so many MB, one after the other, `permille` of the keys changed at random in between. The
/// time is that of one snapshot, beginning and all slices; a slice is one segment.
void snapshot(benchmark::State& state) {
  const std::int64_t keys = state.range(0) * 1'000'000 / 16;
  const std::int64_t changes = keys * state.range(1) / 1000;
  Counts map(kAllGroups);
  for (std::int64_t key = 0; key < keys; ++key)
    map.find_or_create(key) = key;
  Sizes sizes;
  std::uint64_t number = 1;
  double longest_begin = 0;
  double longest_slice = 0;
  const auto take = [&] {
    const double start = cpu_time();
    map.begin_snapshot(number, number - 1, sizes);
    longest_begin = std::max(longest_begin, cpu_time() - start);
    longest_slice = std::max(longest_slice, take_slices(map, sizes));
    ++number;
  };
  if (state.range(1) < 1000)
    take();
  longest_begin = longest_slice = 0;
  sizes.sent = 0;
  std::uint64_t n = 0;
  for (auto _ : state) {
    state.PauseTiming();
    for (std::int64_t change = 0; change < changes; ++change)
      ++map.find_or_create(
          static_cast<std::int64_t>(scale(mix(n++), static_cast<std::uint64_t>(keys))));
    state.ResumeTiming();
    take();
  }
  const auto rounds = static_cast<double>(state.iterations());
  state.counters["longest_begin_ms"] = longest_begin;
  state.counters["longest_slice_ms"] = longest_slice;
  state.counters["sent_MB"] = static_cast<double>(sizes.sent) / 1e6 / rounds;
  state.counters["segments"] = static_cast<double>(map.segments());
}
BENCHMARK(snapshot)
    ->ArgNames({"MB", "permille"})
    ->Args({100, 0})
    ->Args({100, 10})
    ->Args({100, 1000})
    ->Args({1000, 10})
    ->Unit(benchmark::kMillisecond)
    ->Iterations(20);

/// The same of 100 MB whose values own memory of their own, allocated in no order: a snapshot of all of it, or of
/// every hundredth entry, changed at random.
void snapshot_of_strings(benchmark::State& state) {
  constexpr std::uint64_t kKeys = 1'000'000;
  const bool whole = state.range(0) == 1000;
  KeyedMap<std::uint64_t, std::string> map(kAllGroups);
  for (std::uint64_t n = 0; n < kKeys; ++n)
    map.find_or_create(n).assign(84, 'a');
  Sizes sizes;
  std::uint64_t number = 0;
  double longest_slice = 0;
  const auto take = [&] {
    map.begin_snapshot(number + 1, whole ? 0 : number, sizes);
    ++number;
    longest_slice = std::max(longest_slice, take_slices(map, sizes));
  };
  take();
  longest_slice = 0;
  sizes.sent = 0;
  std::uint64_t n = 0;
  for (auto _ : state) {
    state.PauseTiming();
    for (std::uint64_t change = 0; !whole && change < kKeys / 100; ++change)
      map.find_or_create(scale(mix(n++), kKeys)).front() = 'b';
    state.ResumeTiming();
    take();
  }
  state.counters["longest_slice_ms"] = longest_slice;
  state.counters["sent_MB"] =
      static_cast<double>(sizes.sent) / 1e6 / static_cast<double>(state.iterations());
}
BENCHMARK(snapshot_of_strings)
    ->ArgName("permille")
    ->Arg(10)
    ->Arg(1000)
    ->Unit(benchmark::kMillisecond)
    ->Iterations(20);

}  // namespace
}  // namespace leat::bench
