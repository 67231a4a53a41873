#pragma once

// A segment of KeyedMap: a table of entries, and the keys changed of late. Single-threaded.
// Invariant: `changes_` holds every key changed or removed in a generation after `listed_after`, with the
// newest of these.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "runtime/state/keyed_table.hpp"
#include "runtime/state/segment.hpp"
#include "runtime/state/segment_image.hpp"
#include "serialization/encoded_size.hpp"

namespace leat::runtime {

template <class K, class V>
class TypedSegment final : public Segment {
 public:
  using Table = KeyedTable<K, V>;
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

  [[nodiscard]] const Entry* find(const HashedKey<K>& key) const {
    const auto found = table_.find(key);
    return found == table_.end() ? nullptr : &*found;
  }

  /// Precondition: the key is there.
  void erase(const HashedKey<K>& key, Generation now) {
    list(key, now);
    table_.erase(table_.find(key));
    note_hole();
  }

  /// Hands entries to `emit` and removes them, until `blocked`.
  template <class Emit>
  void drain(const bool& blocked, Generation now, Emit& emit) {
    give_up_changes(now);
    const std::size_t size = table_.empty() ? 0 : bytes / table_.size();
    for (auto entry = table_.begin(); entry != table_.end() && !blocked;) {
      emit(Codec<K>::view(entry->first), entry->second);
      table_.erase(entry++);
      bytes -= size;
    }
    note_hole();
    if (table_.empty()) {
      table_ = {};
      bytes = 0;
    }
  }

  /// At the first write in a generation.
  void begin_generation() { filter_at_ = kNoFilter; }

  /// At each write, see list_change(): what it looks at is brought closer to the processor.
  void prefetch_listed(const Entry& entry) const {
    if (const std::size_t capacity = table_.capacity(); filter_at_ == capacity)
      __builtin_prefetch(filter_.data() + place_of(entry, capacity) / 64);
  }

  /// At each write, before the next one. Unnecessary while listed_after is `now`.
  void list_change(const Entry& entry, std::uint64_t hash, Generation now) {
    const std::size_t capacity = table_.capacity();
    if (filter_at_ != capacity) [[unlikely]]
      renew_filter(capacity);
    const std::size_t place = place_of(entry, capacity);
    const std::uint64_t bit = std::uint64_t{1} << place % 64;
    if (filter_at_ == capacity) [[likely]] {
      std::uint64_t& word = filter_[place / 64];
      if ((word & bit) != 0)
        return;
      word |= bit;
    }
    const auto& key = Codec<K>::view(entry.first);
    list({key, hash}, now);
  }

  void give_up_changes(Generation now) {
    listed_after = now;
    changes_ = {};
    filter_ = {};
    filter_at_ = kNoFilter;
  }

  [[nodiscard]] static std::size_t size_of(ByteWriter& scratch, const Entry& entry) {
    return encoded_size<K>(scratch, Codec<K>::view(entry.first)) +
           encoded_size<V>(scratch, Codec<V>::view(entry.second));
  }

  void reserve(std::size_t count) { table_.reserve(count); }

  void begin_shadow() override {
    shadowed = true;
    marked_entries_ = table_.size();
  }
  /// Before an entry changes; null: before it is there. Returns the bytes that this takes.
  std::size_t keep_image(const HashedKey<K>& key, const Entry* entry, ByteWriter& scratch) {
    std::size_t kept = 0;
    images_.lazy_emplace(key, [&](const auto& construct) {
      std::optional<std::string> image;
      scratch.clear();
      if (entry != nullptr) {
        put_entry(scratch, *entry);
        image = scratch.view();
      }
      kept = sizeof(typename Images::value_type) + scratch.size();
      construct(Codec<K>::own(key.key), std::move(image));
    });
    image_bytes_ += kept;
    return kept;
  }
  std::size_t drop_shadow() override {
    shadowed = false;
    images_ = {};
    return std::exchange(image_bytes_, 0);
  }

  void encode_whole(ByteWriter& out) const override {
    put_image_head(out, SegmentContent::kWhole, marked_entries());
    for (const Entry& entry : table_)
      if (images_.empty() || !images_.contains(Codec<K>::view(entry.first)))
        put_entry(out, entry);
    for (const auto& [key, image] : images_)
      if (image)
        put_bytes(out, *image);
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
      if (const auto image = images_.find(key); image != images_.end()) {
        if (image->second)
          changed_since.push_back(*image->second);
        else
          removed.push_back(keys[n].first);
      } else if (const Entry* entry = find(key); entry != nullptr) {
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
    holes_at_ = 0;
    expect_review();
    other->expect_review();
    give_up_changes(version);
    other->listed_after = version;
    return other;
  }

 private:
  /// Places in a table are contiguous, and one less than a power of two.
  static std::size_t place_of(const Entry& entry, std::size_t capacity) {
    return reinterpret_cast<std::uintptr_t>(&entry) / sizeof(Entry) & capacity;
  }

  [[nodiscard]] bool are_many() const { return changes_.size() >= kFewChanges + table_.size() / 4; }

  void note_hole() {
    holes_at_ = table_.capacity();
    filter_at_ = kNoFilter;
  }

  /// None while places are not stable.
  [[gnu::noinline]] void renew_filter(std::size_t capacity) {
    if (holes_at_ == capacity)
      return;
    filter_.assign(capacity / 64 + 1, 0);
    filter_at_ = capacity;
  }

  static constexpr std::size_t kNoFilter = ~std::size_t{0};
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

  /// The size of all entries, estimated from one in `step`: from others each time, and from cold memory.
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

  static void put_bytes(ByteWriter& out, std::string_view bytes) {
    char* at = out.reserve(bytes.size());
    out.commit(std::copy(bytes.begin(), bytes.end(), at));
  }
  static void put_entry(ByteWriter& out, const Entry& entry) {
    encode<K>(out, Codec<K>::view(entry.first));
    encode<V>(out, Codec<V>::view(entry.second));
  }

  using Images = KeyedTable<K, std::optional<std::string>>;

  Table table_;
  /// While it is shadowed: how many entries there were at the mark, and what has become of those changed
  /// since: their encodings then, none of those that were not there.
  std::size_t marked_entries_ = 0;
  Images images_;
  std::size_t image_bytes_ = 0;
  std::size_t sample_ = 0;
  KeyedTable<K, Generation> changes_;
  // A filter before changes_, by place in the table: the entry there is in it with this generation. It costs a
  // bit where a generation in each entry would make the table a half larger.
  std::vector<std::uint64_t> filter_;
  std::size_t filter_at_ = kNoFilter;  ///< the capacity that the places belong to
  /// The table's capacity when something was erased last. At the same capacity entries may change their
  /// places unnoticed.
  std::size_t holes_at_ = 0;
};

}  // namespace leat::runtime
