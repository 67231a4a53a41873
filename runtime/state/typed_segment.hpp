#pragma once

// A segment of KeyedMap: a table of entries, and the keys changed of late. Single-threaded.
// Invariant: `changes` holds every key changed in a generation after `listed_after`, in ascending order of
// generations.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <tuple>
#include <utility>
#include <vector>

#include "runtime/state/keyed_table.hpp"
#include "runtime/state/segment.hpp"
#include "runtime/state/segment_image.hpp"
#include "serialization/encoded_size.hpp"

namespace leat::runtime {

template <class K, class V>
struct TypedSegment final : Segment {
  struct Entry {
    V value{};
    Generation stamp = kNoGeneration;  ///< of its last change
  };
  struct Change {
    K key;
    std::uint64_t hash;
    Generation generation;
  };

  using Segment::Segment;

  KeyedTable<K, Entry> table;
  std::vector<Change> changes;

  [[nodiscard]] std::size_t entries() const override { return table.size(); }

  [[nodiscard]] Entry& find_or_create(const HashedKey<K>& key) {
    const auto create = [&](const auto& construct) {
      construct(std::piecewise_construct, std::forward_as_tuple(Codec<K>::own(key.key)),
                std::forward_as_tuple());
    };
    return table.lazy_emplace(key, create)->second;
  }

  /// Once per key and generation, and for each removal.
  void list_change(const HashedKey<K>& key, Generation now) {
    if (listed_after == now)
      return;
    if (changes.size() >= kFewChanges + table.size() / 4)
      return give_up_changes(now);
    changes.push_back({Codec<K>::own(key.key), key.hash, now});
  }
  void give_up_changes(Generation now) {
    listed_after = now;
    changes = {};
  }

  [[nodiscard]] std::size_t size_of(ByteWriter& scratch, In<K> key, const V& value) const {
    return encoded_size<K>(scratch, key) + encoded_size<V>(scratch, Codec<V>::view(value));
  }

  void encode_whole(ByteWriter& out) const override {
    put_image_head(out, SegmentContent::kWhole, table.size());
    for (const auto& [key, entry] : table)
      put_entry(out, key, entry.value);
  }

  void encode_delta(Generation after, ByteWriter& out) const override {
    const auto first = first_after(after);
    std::vector<const typename KeyedTable<K, Entry>::value_type*> changed;
    std::vector<const K*> removed;
    for (auto change = first; change != changes.end(); ++change) {
      if (changes.end() - change > kLookahead)
        with_key(change[kLookahead], [this](const auto& key) { table.prefetch(key); });
      const auto found = with_key(*change, [this](const auto& key) { return table.find(key); });
      if (found == table.end())
        removed.push_back(&change->key);
      else if (found->second.stamp == change->generation)  // else it is listed again further on
        changed.push_back(&*found);
    }
    put_image_head(out, SegmentContent::kDelta, changed.size());
    for (const auto* entry : changed)
      put_entry(out, entry->first, entry->second.value);
    put_image_count(out, removed.size());
    for (const K* key : removed)
      encode<K>(out, Codec<K>::view(*key));
  }

  void forget_listed(Generation up_to) override {
    changes.erase(changes.begin(), first_after(up_to));
  }

  void measure(ByteWriter& scratch) override {
    std::size_t size = 0;
    for (const auto& [key, entry] : table)
      size += size_of(scratch, Codec<K>::view(key), entry.value);
    bytes = size;
    expect_review();
  }

  /// Measuring takes time by the size, and so it is not done before as many writes.
  void expect_review() {
    writes_to_review = static_cast<std::uint32_t>(std::max({kFewWrites, table.size(), bytes / 64}));
  }

  [[nodiscard]] std::unique_ptr<Segment> split(std::uint32_t max_parallelism) override {
    KeyedTable<K, Entry> whole = std::exchange(table, {});
    const auto depth = static_cast<std::uint8_t>(id.depth + 1);
    id = {depth, id.prefix * 2};
    auto other = std::make_unique<TypedSegment>(SegmentId{depth, id.prefix + 1});
    const std::size_t half = whole.size() / 2 + whole.size() / 16;
    table.reserve(half);
    other->table.reserve(half);
    const KeyHasher<K> hasher;
    const std::size_t count = whole.size();
    for (auto entry = whole.begin(); entry != whole.end();) {
      const std::uint64_t hash = hasher(Codec<K>::view(entry->first));
      const bool stays = contains(id, placement(hash, max_parallelism));
      (stays ? table : other->table).insert(whole.extract(entry++));
    }
    other->bytes = count == 0 ? 0 : bytes * other->table.size() / count;
    bytes -= other->bytes;
    split_at = kSplitBytes;
    expect_review();
    other->expect_review();
    give_up_changes(version);
    other->listed_after = version;
    return other;
  }

 private:
  static constexpr std::size_t kFewChanges = 16;
  static constexpr std::size_t kFewWrites = 256;
  static constexpr std::ptrdiff_t kLookahead = 8;

  template <class F>
  static auto with_key(const Change& change, F use) {
    const auto& view = Codec<K>::view(change.key);
    return use(HashedKey<K>{view, change.hash});
  }

  static void put_entry(ByteWriter& out, const K& key, const V& value) {
    encode<K>(out, Codec<K>::view(key));
    encode<V>(out, Codec<V>::view(value));
  }

  [[nodiscard]] auto first_after(Generation generation) const {
    return std::upper_bound(
        changes.begin(), changes.end(), generation,
        [](Generation wanted, const Change& change) { return wanted < change.generation; });
  }
};

}  // namespace leat::runtime
