#pragma once

// A segment of KeyedMap: a table of entries, and the keys changed of late. Single-threaded.
// Invariant: `changes_` holds every key changed or removed in a generation after `listed_after`, with the
// newest of these.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "runtime/state/change_filter.hpp"
#include "runtime/state/entry_images.hpp"
#include "runtime/state/keyed_table.hpp"
#include "runtime/state/segment.hpp"
#include "runtime/state/segment_image.hpp"
#include "runtime/state/state_cell.hpp"
#include "serialization/encoded_size.hpp"
#include "serialization/prefetch.hpp"

namespace leat::runtime {

template <class K, class V>
class TypedSegment final : public Segment {
 public:
  static constexpr bool kStamped = kStampsCells<K, V>;
  using Cell = std::conditional_t<kStamped, StampedCell<V>, PlainCell<V>>;
  using Table = KeyedTable<K, Cell>;
  using Entry = typename Table::value_type;

  using Segment::Segment;

  [[nodiscard]] std::size_t entries() const override { return table_.size(); }
  [[nodiscard]] std::size_t marked_entries() const override {
    return shadowed ? marked_entries_ : table_.size();
  }
  [[nodiscard]] const Table& table() const { return table_; }

  /// The entry of a key, and whether it is new: then its value is value-initialised.
  [[nodiscard]] std::pair<Entry*, bool> find_or_create(const HashedKey<K>& key) {
    bool created = false;
    const auto create = [&](const auto& construct) {
      created = true;
      construct(std::piecewise_construct, std::forward_as_tuple(Codec<K>::own(key.key)),
                std::forward_as_tuple());
    };
    return {&*table_.lazy_emplace(key, create), created};
  }

  /// Null if the key is not there.
  [[nodiscard]] Entry* find(const HashedKey<K>& key) {
    const auto found = table_.find(key);
    return found == table_.end() ? nullptr : &*found;
  }
  [[nodiscard]] const Entry* find(const HashedKey<K>& key) const {
    const auto found = table_.find(key);
    return found == table_.end() ? nullptr : &*found;
  }

  /// Precondition: the key is there.
  void erase(const HashedKey<K>& key, Generation now) {
    list(key, now);
    table_.erase(table_.find(key));
    filter_.places_move(table_.capacity());
  }

  /// Hands entries to `emit` and removes them, until `blocked`.
  template <class Emit>
  void drain(const bool& blocked, Generation now, Emit& emit) {
    give_up_changes(now);
    const std::size_t size = table_.empty() ? 0 : bytes / table_.size();
    for (auto entry = table_.begin(); entry != table_.end() && !blocked;) {
      emit(Codec<K>::view(entry->first), entry->second.value);
      table_.erase(entry++);
      bytes -= size;
    }
    filter_.places_move(table_.capacity());
    if (table_.empty()) {
      table_ = {};
      bytes = 0;
    }
  }

  /// At the first write in a generation.
  void begin_generation() { filter_.clear(); }

  /// At each write. Unnecessary while listed_after is `now`.
  void list_change(Entry& entry, std::uint64_t hash, Generation now) {
    if constexpr (kStamped) {
      if (entry.second.listed == now) [[likely]]
        return;
      entry.second.listed = now;
    } else if (filter_.list(place_of(entry), table_.capacity())) [[likely]] {
      return;
    }
    const auto& key = Codec<K>::view(entry.first);
    list({key, hash}, now);
  }

  void give_up_changes(Generation now) {
    listed_after = now;
    changes_ = {};
    filter_.clear();
  }

  [[nodiscard]] static std::size_t size_of(ByteWriter& scratch, const Entry& entry) {
    return encoded_size<K>(scratch, Codec<K>::view(entry.first)) +
           encoded_size<V>(scratch, Codec<V>::view(entry.second.value));
  }

  void reserve(std::size_t count) { table_.reserve(count); }

  void begin_shadow() override {
    shadowed = true;
    marked_entries_ = table_.size();
  }
  /// Before an entry changes; null: before it is there. Returns the bytes that this takes.
  std::size_t keep_image(const HashedKey<K>& key, const Entry* entry, ByteWriter& scratch) {
    return images_.keep(key, scratch, [entry](ByteWriter& out) {
      if (entry != nullptr)
        put_entry(out, *entry);
      return entry != nullptr;
    });
  }
  std::size_t drop_shadow() override {
    shadowed = false;
    return images_.clear();
  }

  void encode_whole(ByteWriter& out) const override {
    put_image_head(out, SegmentContent::kWhole, marked_entries());
    for_each_entry([&](const Entry& entry) {
      if (!images_.contains(entry.first))
        put_entry(out, entry);
    });
    images_.for_each([&out](std::string_view image) { put_bytes(out, image); });
  }

  void encode_delta(Generation after, ByteWriter& out) const override {
    const KeyHasher<K> hasher;
    std::vector<std::pair<const K*, std::uint64_t>> keys;
    for (const auto& [key, generation] : changes_) {
      if (generation > after)
        keys.emplace_back(&key, hasher(Codec<K>::view(key)));
    }
    std::vector<const Entry*> changed;
    std::vector<std::string_view> changed_since;  // behind the mark
    std::vector<const K*> removed;
    for (std::size_t n = 0; n < keys.size(); ++n) {
      if (n + kLookahead < keys.size())
        table_.prefetch(HashedPlace{keys[n + kLookahead].second});
      const auto& view = Codec<K>::view(*keys[n].first);
      const HashedKey<K> key{view, keys[n].second};
      if (const auto* image = images_.find(key); image != nullptr) {
        if (*image)
          changed_since.push_back(**image);
        else
          removed.push_back(keys[n].first);
      } else if (const Entry* entry = find(key); entry != nullptr) {
        prefetch_owned(*entry);
        changed.push_back(entry);
      } else {
        removed.push_back(keys[n].first);
      }
    }
    put_image_head(out, SegmentContent::kDelta, changed.size() + changed_since.size());
    for (const Entry* entry : changed)
      put_entry(out, *entry);
    for (const std::string_view image : changed_since)
      put_bytes(out, image);
    put_image_count(out, removed.size());
    for (const K* key : removed)
      encode<K>(out, Codec<K>::view(*key));
  }

  void forget_listed(Generation up_to) override {
    if (!changes_.empty())
      absl::erase_if(changes_, [up_to](const auto& change) { return change.second <= up_to; });
  }

  void measure(ByteWriter& scratch) override {
    bytes = table_.size() < kFewestSampled ? size_of_part(scratch, 1)
                                           : size_of_part(scratch, kSampleStep);
    if (bytes > split_at)
      bytes = size_of_part(scratch, 1);
    expect_review();
  }

  [[nodiscard]] std::unique_ptr<Segment> split(std::uint32_t max_parallelism) override {
    Table whole = std::exchange(table_, {});
    const auto depth = static_cast<std::uint8_t>(id.depth + 1);
    id = {depth, id.prefix * 2};
    auto other = std::make_unique<TypedSegment>(SegmentId{depth, id.prefix + 1});
    const std::size_t count = whole.size();
    const std::size_t half = count / 2 + count / 16;
    table_.reserve(half);
    other->table_.reserve(half);
    const KeyHasher<K> hasher;
    for (auto entry = whole.begin(); entry != whole.end();) {
      const std::uint64_t hash = hasher(Codec<K>::view(entry->first));
      const bool stays = contains(id, placement(hash, max_parallelism));
      move_entry(whole, entry++, hash, stays ? table_ : other->table_);
    }
    other->bytes = count == 0 ? 0 : bytes * other->table_.size() / count;
    bytes -= other->bytes;
    split_at = kSplitBytes;
    filter_.begin();
    expect_review();
    other->expect_review();
    give_up_changes(version);
    other->listed_after = version;
    return other;
  }

 private:
  /// Places in a table are contiguous, and one less than a power of two.
  [[nodiscard]] std::size_t place_of(const Entry& entry) const {
    return reinterpret_cast<std::uintptr_t>(&entry) / sizeof(Entry) & table_.capacity();
  }

  [[nodiscard]] bool are_many() const { return changes_.size() >= kFewChanges + table_.size() / 4; }

  static constexpr std::size_t kFewChanges = 16;
  static constexpr std::size_t kFewWrites = 256;
  static constexpr std::size_t kFewestSampled = 256;
  static constexpr std::size_t kSampleStep = 16;
  static constexpr std::size_t kLookahead = 8;

  static void move_entry(Table& from, typename Table::iterator entry, std::uint64_t hash,
                         Table& to) {
    if constexpr (std::is_trivially_copyable_v<K>) {
      const auto& view = Codec<K>::view(entry->first);
      to.lazy_emplace(HashedKey<K>{view, hash}, [entry](const auto& construct) {
        construct(entry->first, std::move(entry->second));
      });
    } else {
      to.insert(from.extract(entry));
    }
  }

  /// Gives up where a delta would hardly be smaller than the image: first the changes before the newest mark, which
  /// will not be asked for if its snapshot becomes complete.
  void list(const HashedKey<K>& key, Generation now) {
    if (listed_after == now)
      return;
    if (are_many() && listed_after < now - 1) {
      forget_listed(now - 1);
      listed_after = now - 1;
    }
    if (are_many())
      return give_up_changes(now);
    const auto create = [&](const auto& construct) { construct(Codec<K>::own(key.key), now); };
    changes_.lazy_emplace(key, create)->second = now;
  }

  /// Measuring takes time by the size, and so it is not done before as many writes.
  void expect_review() {
    writes_to_review =
        static_cast<std::uint32_t>(std::max({kFewWrites, table_.size(), bytes / 64}));
  }

  /// The size of all entries, estimated from one in `step`, from others each time: what they hold lies in cold memory.
  std::size_t size_of_part(ByteWriter& scratch, std::size_t step) {
    std::size_t measured = 0;
    std::size_t size = 0;
    std::size_t skip = sample_++ % step;
    for (const Entry& entry : table_) {
      if (skip-- > 0)
        continue;
      skip = step - 1;
      size += size_of(scratch, entry);
      ++measured;
    }
    return measured == 0 ? 0 : size * table_.size() / measured;
  }

  /// Asks ahead for what entries own, which lies in cold memory.
  template <class Visit>
  void for_each_entry(Visit visit) const {
    if constexpr (kFixedBytes<K> != 0 && kFixedBytes<V> != 0) {
      for (const Entry& entry : table_)
        visit(entry);
      return;
    }
    auto ahead = table_.begin();
    for (std::size_t n = 0; n < kLookahead && ahead != table_.end(); ++n, ++ahead)
      prefetch_owned(*ahead);
    for (const Entry& entry : table_) {
      if (ahead != table_.end())
        prefetch_owned(*ahead++);
      visit(entry);
    }
  }
  static void prefetch_owned(const Entry& entry) {
    leat::prefetch_owned(entry.first);
    leat::prefetch_owned(entry.second.value);
  }

  static void put_bytes(ByteWriter& out, std::string_view bytes) {
    char* at = out.reserve(bytes.size());
    out.commit(std::copy(bytes.begin(), bytes.end(), at));
  }
  static void put_entry(ByteWriter& out, const Entry& entry) {
    encode<K>(out, Codec<K>::view(entry.first));
    encode<V>(out, Codec<V>::view(entry.second.value));
  }

  // First, see Segment; and before changes_: an entry that the filter lists is there with this generation.
  ChangeFilter filter_;
  Table table_;
  KeyedTable<K, Generation> changes_;
  std::size_t sample_ = 0;
  std::size_t marked_entries_ = 0;  ///< while it is shadowed, as many as there were at the mark
  EntryImages<K> images_;           ///< while it is shadowed
};

}  // namespace leat::runtime
