// The chunk store of checkpoints against LevelDB alone: chunk_store write|retain FOLDER MIB
//
// write: MIB of chunks of 256 KiB to 1 MiB through SnapshotStore::put, and the same chunks in the same
//   synced batches into one LevelDB; then both are read back. Each line: what, seconds.
// retain: checkpoints of 64 MiB, of which three are retained and a twentieth lives on, until MIB are
//   written. Each line is a quarter of the run: MiB/s, MiB on disk at its end, longest call in ms.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <leveldb/db.h>
#include <leveldb/write_batch.h>

#include "runtime/checkpointing/chunk_format.hpp"
#include "runtime/checkpointing/leveldb_snapshot_store.hpp"

namespace {

using leat::ChunkId;
using leat::LevelDbSnapshotStore;
using leat::LevelDbStoreOptions;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kMib = std::size_t{1} << 20;
constexpr std::size_t kCheckpointBytes = 64 * kMib;
constexpr std::size_t kRetained = 3;
constexpr std::size_t kLongLived = 20;  ///< one in so many chunks outlives its checkpoint
constexpr std::size_t kQuarters = 4;
constexpr std::size_t kCollectBytes = 8 * kMib;

[[noreturn]] void give_up(const std::string& message) {
  std::fprintf(stderr, "chunk_store: %s\n", message.c_str());
  std::exit(1);
}

template <class T>
T must(leat::Result<T> result) {
  if (!result.ok())
    give_up(result.error().message());
  return std::move(result).value();
}

void must(const leveldb::Status& status) {
  if (!status.ok())
    give_up(status.ToString());
}

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Chunks of 256 KiB to 1 MiB as views into one block of incompressible bytes, in groups of a batch.
class Chunks {
 public:
  using Batch = std::vector<std::string_view>;

  Chunks() : block_(64 * kMib, '\0'), random_(1) {
    for (std::size_t at = 0; at < block_.size(); at += sizeof(std::uint64_t)) {
      const std::uint64_t word = random_();
      block_.replace(at, sizeof word, reinterpret_cast<const char*>(&word), sizeof word);
    }
  }

  Batch next_batch() {
    Batch batch;
    for (std::size_t bytes = 0; bytes < LevelDbStoreOptions{}.batch_bytes;) {
      const std::size_t size = kMib / 4 + random_() % (3 * kMib / 4 + 1);
      batch.push_back(std::string_view(block_).substr(random_() % (block_.size() - kMib), size));
      bytes += size;
    }
    return batch;
  }

  std::vector<Batch> batches(std::size_t bytes) {
    std::vector<Batch> batches;
    for (std::size_t made = 0; made < bytes;) {
      batches.push_back(next_batch());
      for (const std::string_view chunk : batches.back())
        made += chunk.size();
    }
    return batches;
  }

 private:
  std::string block_;
  std::mt19937_64 random_;
};

void leveldb_alone(const std::string& folder, const std::vector<Chunks::Batch>& batches) {
  const LevelDbStoreOptions like;
  leveldb::Options options;
  options.create_if_missing = true;
  options.compression = leveldb::kNoCompression;
  options.write_buffer_size = like.write_buffer_bytes;
  leveldb::DB* opened = nullptr;
  must(leveldb::DB::Open(options, folder, &opened));
  const std::unique_ptr<leveldb::DB> db(opened);

  auto start = Clock::now();
  std::uint64_t count = 0;
  leveldb::WriteOptions synced;
  synced.sync = true;
  for (const Chunks::Batch& batch : batches) {
    leveldb::WriteBatch writes;
    for (const std::string_view chunk : batch)
      writes.Put(leat::chunk_key({1, ++count}), leveldb::Slice(chunk.data(), chunk.size()));
    must(db->Write(synced, &writes));
  }
  std::printf("write leveldb %.3f\n", seconds_since(start));

  start = Clock::now();
  leveldb::ReadOptions verified;
  verified.verify_checksums = true;
  verified.fill_cache = false;
  for (std::uint64_t i = 1; i <= count; ++i) {
    std::string value;  // as whoever restores needs it: memory of its own
    must(db->Get(verified, leat::chunk_key({1, i}), &value));
  }
  std::printf("read leveldb %.3f\n", seconds_since(start));
}

void store(const std::string& folder, const std::vector<Chunks::Batch>& batches) {
  auto opened = must(LevelDbSnapshotStore::open(folder, leat::Epoch{1}, {}));
  auto start = Clock::now();
  std::vector<ChunkId> ids;
  for (const Chunks::Batch& batch : batches) {
    const auto written = must(opened.store->put(batch));
    ids.insert(ids.end(), written.begin(), written.end());
  }
  std::printf("write store %.3f\n", seconds_since(start));
  start = Clock::now();
  for (const ChunkId& id : ids)
    must(opened.store->get(id));
  std::printf("read store %.3f\n", seconds_since(start));
}

void write(const std::string& folder, std::size_t bytes, bool store_first) {
  Chunks chunks;
  const auto batches = chunks.batches(bytes);
  for (const bool turn : {store_first, !store_first}) {
    const std::string place = folder + (turn ? "/store" : "/leveldb");
    std::filesystem::create_directories(place);
    (turn ? store : leveldb_alone)(place, batches);
    std::filesystem::remove_all(place);
  }
}

/// Writes one checkpoint and keeps house as the keeper does; returns the longest call in seconds.
double checkpoint(LevelDbSnapshotStore& store, Chunks& chunks,
                  std::deque<std::vector<ChunkId>>& retained, std::deque<ChunkId>& long_lived) {
  double longest = 0;
  const auto timed = [&longest](auto&& call) {
    const auto start = Clock::now();
    auto result = call();
    longest = std::max(longest, seconds_since(start));
    return result;
  };
  std::vector<ChunkId> ids;
  for (const Chunks::Batch& batch : chunks.batches(kCheckpointBytes))
    for (const ChunkId& id : must(timed([&] { return store.put(batch); })))
      (id.counter % kLongLived == 0 ? long_lived.push_back(id) : ids.push_back(id));
  retained.push_back(std::move(ids));
  if (retained.size() > kRetained) {
    store.release(retained.front());
    retained.pop_front();
  }
  while (long_lived.size() > 200) {
    store.release({long_lived.front()});
    long_lived.pop_front();
  }
  while (must(timed([&] { return store.collect(kCollectBytes); }))) {
  }
  return longest;
}

void retain(const std::string& folder, std::size_t bytes) {
  const std::string place = folder + "/store";
  std::filesystem::create_directories(place);
  {
    auto opened = must(LevelDbSnapshotStore::open(place, leat::Epoch{1}, {}));
    Chunks chunks;
    std::deque<std::vector<ChunkId>> retained;
    std::deque<ChunkId> long_lived;
    const std::size_t each = std::max<std::size_t>(1, bytes / kCheckpointBytes / kQuarters);
    for (std::size_t quarter = 0; quarter < kQuarters; ++quarter) {
      const auto start = Clock::now();
      double longest = 0;
      for (std::size_t i = 0; i < each; ++i)
        longest = std::max(longest, checkpoint(*opened.store, chunks, retained, long_lived));
      const auto usage = opened.store->usage();
      std::printf("retain %.1f %.0f %.0f %.1f\n",
                  static_cast<double>(each * kCheckpointBytes / kMib) / seconds_since(start),
                  static_cast<double>(usage.disk_bytes) / kMib,
                  static_cast<double>(usage.live_bytes) / kMib, longest * 1000);
      std::fflush(stdout);
    }
  }
  std::filesystem::remove_all(place);
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view what = argc == 4 ? argv[1] : "";
  const std::size_t bytes = argc == 4 ? std::strtoull(argv[3], nullptr, 10) * kMib : 0;
  if (what == "write")
    write(argv[2], bytes, false);
  else if (what == "write-store-first")
    write(argv[2], bytes, true);
  else if (what == "retain")
    retain(argv[2], bytes);
  else
    give_up("usage: chunk_store write|write-store-first|retain FOLDER MIB");
  return 0;
}
