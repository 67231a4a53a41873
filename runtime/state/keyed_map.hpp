#pragma once

// Keyed state of one operator in one subtask: a map from key to value that is snapshotted while it is
// written to (segmented_state.hpp). Single-threaded.
// Invariant: whoever gets a reference to a value to change has passed prepare_write() and the check of
// the entry's stamp, so that no change is missing in the next snapshot or leaks into the one before.

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "runtime/state/segmented_state.hpp"
#include "runtime/state/typed_segment.hpp"
#include "serialization/codec.hpp"
#include "serialization/encoded_size.hpp"
#include "serialization/key_hash.hpp"
#include "serialization/type_signature.hpp"

namespace leat::runtime {

template <class K, class V>
class KeyedMap final : public SegmentedState {
  using Typed = TypedSegment<K, V>;
  using Entry = typename Typed::Entry;

 public:
  explicit KeyedMap(const KeyGroupRange& groups)
      : SegmentedState(groups),
        group_bits_(static_cast<int>(key_group_bits(groups.max_parallelism))),
        power_of_two_(std::has_single_bit(groups.max_parallelism)) {
    for (const SegmentId& id : covering_segments(groups))
      adopt(std::make_unique<Typed>(id));
  }

  [[nodiscard]] std::string type_fingerprint() const override {
    return "keyed<" + type_signature<K>() + "," + type_signature<V>() + ">";
  }

  /// Brings the place where a key would be closer to the processor.
  void prefetch(In<K> key, std::uint64_t hash) const {
    if (const Typed* segment = find_segment(hash); segment != nullptr) [[likely]]
      segment->table.prefetch(HashedKey<K>{key, hash});
  }

  /// The value of a key with its KeyHasher hash, to be changed; value-initialised if the key is new. Valid
  /// until the next call. Throws if the key belongs to another subtask.
  [[nodiscard]] V& find_or_create(In<K> key, std::uint64_t hash) {
    Typed& segment = segment_to_write(hash);
    Entry& entry = segment.find_or_create({key, hash});
    if (entry.stamp != now_) [[unlikely]]
      return first_change(segment, entry, {key, hash});
    return entry.value;
  }
  [[nodiscard]] V& find_or_create(In<K> key) { return find_or_create(key, hasher_(key)); }

  /// Null if the key is not there.
  [[nodiscard]] const V* find(In<K> key, std::uint64_t hash) const {
    const Typed* segment = find_segment(hash);
    if (segment == nullptr)
      return nullptr;
    const auto found = segment->table.find(HashedKey<K>{key, hash});
    return found == segment->table.end() ? nullptr : &found->second.value;
  }
  [[nodiscard]] const V* find(In<K> key) const { return find(key, hasher_(key)); }

  /// False if the key was not there.
  bool erase(In<K> key, std::uint64_t hash) {
    Typed* segment = find_segment(hash);
    if (segment == nullptr)
      return false;
    const auto found = segment->table.find(HashedKey<K>{key, hash});
    if (found == segment->table.end())
      return false;
    prepare_write(*segment);
    segment->list_change({key, hash}, now_);
    const std::size_t size = segment->size_of(scratch_, key, found->second.value);
    segment->bytes -= std::min(segment->bytes, size);
    segment->table.erase(found);
    return true;
  }
  bool erase(In<K> key) { return erase(key, hasher_(key)); }

  /// Hands each entry to `emit(key, value)` and removes it, until all are gone (true) or `blocked` becomes
  /// true (false; it goes on with what is left when called again).
  template <class Emit>
  bool drain(const bool& blocked, Emit emit) {
    for (const auto& segment : segments_) {
      if (segment->entries() > 0 && !drain_segment(static_cast<Typed&>(*segment), blocked, emit))
        return false;
    }
    return true;
  }

 protected:
  Result<void> load(SegmentId id, SegmentContent content, std::string_view bytes) override {
    SegmentImageReader image(id, bytes);
    auto count = image.head(content);
    if (count && content == SegmentContent::kWhole && lies_within(id, groups_))
      find_restored(id).table.reserve(std::min(*count, kMostReserved));
    for (std::size_t n = 0; count && n < *count; ++n) {
      if (auto loaded = load_entry(image, id, content); !loaded)
        return loaded;
    }
    if (count && content == SegmentContent::kDelta) {
      count = image.count();
      for (std::size_t n = 0; count && n < *count; ++n) {
        if (auto removed = load_removal(image, id); !removed)
          return removed;
      }
    }
    return count ? image.end() : count.error();
  }

 private:
  [[nodiscard]] std::uint64_t place_of(std::uint64_t hash) const {
    return power_of_two_ ? std::rotr(hash, group_bits_) : placement(hash, groups_.max_parallelism);
  }
  [[nodiscard]] const Typed* find_segment(std::uint64_t hash) const {
    return static_cast<const Typed*>(directory_.find(place_of(hash)));
  }
  [[nodiscard]] Typed* find_segment(std::uint64_t hash) {
    return static_cast<Typed*>(directory_.find(place_of(hash)));
  }
  [[nodiscard]] Typed& segment_of(std::uint64_t hash) {
    Typed* segment = find_segment(hash);
    if (segment == nullptr) [[unlikely]]
      throw_foreign_key();
    return *segment;
  }

  void prepare_write(Typed& segment) {
    if (segment.version != now_) [[unlikely]]
      touch(segment);
  }

  [[nodiscard]] Typed& segment_to_write(std::uint64_t hash) {
    Typed* segment = &segment_of(hash);
    prepare_write(*segment);
    if constexpr (kFixedBytes<V> == 0) {
      if (segment->writes_to_review-- == 0) [[unlikely]] {
        review(*segment);
        segment = &segment_of(hash);
      }
    }
    return *segment;
  }

  /// The first change of an entry in this generation; it may be new.
  [[gnu::noinline]] V& first_change(Typed& segment, Entry& entry, const HashedKey<K>& key) {
    const bool created = entry.stamp == kNoGeneration;
    entry.stamp = now_;
    segment.list_change(key, now_);
    if (!created)
      return entry.value;
    segment.bytes += segment.size_of(scratch_, key.key, entry.value);
    if (split_if_large(segment))
      return segment_of(key.hash).find_or_create(key).value;
    return entry.value;
  }

  template <class Emit>
  bool drain_segment(Typed& segment, const bool& blocked, Emit& emit) {
    prepare_write(segment);
    segment.give_up_changes(now_);
    const std::size_t size = segment.bytes / segment.entries();
    auto& table = segment.table;
    for (auto entry = table.begin(); entry != table.end();) {
      if (blocked)
        return false;
      emit(Codec<K>::view(entry->first), entry->second.value);
      table.erase(entry++);
      segment.bytes -= size;
    }
    table = {};
    segment.bytes = 0;
    return true;
  }

  Typed& find_restored(SegmentId id) {
    return static_cast<Typed&>(*directory_.find(first_placement(id)));
  }

  Result<void> load_entry(SegmentImageReader& image, SegmentId id, SegmentContent content) {
    View<K> key{};
    View<V> value{};
    if (!Codec<K>::decode(image.in, key) || !Codec<V>::decode(image.in, value))
      return image.damaged("an entry does not decode");
    const std::uint64_t hash = hasher_(key);
    if (!contains(id, place_of(hash)))
      return image.damaged("a key belongs elsewhere");
    Typed* segment = find_segment(hash);
    if (segment == nullptr)
      return {};
    Entry& entry = segment->find_or_create({key, hash});
    if (entry.stamp != kNoGeneration) {
      if (content == SegmentContent::kWhole)
        return image.damaged("a key is there twice");
      segment->bytes -= std::min(segment->bytes, segment->size_of(scratch_, key, entry.value));
    }
    entry.value = Codec<V>::own(value);
    entry.stamp = kRestoredGeneration;
    segment->bytes += segment->size_of(scratch_, key, entry.value);
    return {};
  }

  Result<void> load_removal(SegmentImageReader& image, SegmentId id) {
    View<K> key{};
    if (!Codec<K>::decode(image.in, key))
      return image.damaged("a removed key does not decode");
    const std::uint64_t hash = hasher_(key);
    if (!contains(id, place_of(hash)))
      return image.damaged("a removed key belongs elsewhere");
    Typed* segment = find_segment(hash);
    if (segment == nullptr)
      return {};
    const auto found = segment->table.find(HashedKey<K>{key, hash});
    if (found == segment->table.end())
      return {};
    segment->bytes -=
        std::min(segment->bytes, segment->size_of(scratch_, key, found->second.value));
    segment->table.erase(found);
    return {};
  }

  [[noreturn]] static void throw_foreign_key() {
    throw std::logic_error(
        "the key function gave a record another key than before the shuffle; it must depend on the "
        "record alone");
  }

  /// A damaged count must not take memory that no entries will fill.
  static constexpr std::size_t kMostReserved = std::size_t{1} << 14U;

  KeyHasher<K> hasher_;
  int group_bits_;
  bool power_of_two_;
};

}  // namespace leat::runtime
