#pragma once

// Keyed state of one operator in one subtask: a map from key to value that is snapshotted while it is
// written to (segmented_state.hpp). Single-threaded.
// Invariant: whoever gets a reference to a value to change has passed prepare_write() and, where the segment
// is shadowed, keep_image(), so that no change leaks into the snapshot before; and list_change(), so that none
// is missing in the next one. While a segment's listed_after is now_, it is written to in this generation
// already and lists nothing.

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

  /// Whether the caches may lack what prefetch() brings closer.
  [[nodiscard]] bool prefetch_pays() const { return segments_.size() > kSegmentsInCache; }
  /// Brings the place where a key would be closer to the processor.
  [[gnu::always_inline]] void prefetch(std::uint64_t hash) const {
    if (const Typed* segment = find_segment(hash); segment != nullptr) [[likely]]
      segment->table().prefetch(HashedPlace{hash});
  }

  /// The value of a key with its KeyHasher hash, to be changed; value-initialised if the key is new. Valid
  /// until the next call. Throws if the key belongs to another subtask.
  [[nodiscard]] V& find_or_create(In<K> key, std::uint64_t hash) {
    Typed& segment = segment_to_write(hash);
    const bool listing = segment.listed_after != now_;
    if (listing)
      prepare_write(segment);
    Entry* const entry = segment.find({key, hash});
    if (segment.shadowed) [[unlikely]]
      count_image(segment.keep_image({key, hash}, entry, scratch_));
    if (entry == nullptr) [[unlikely]]
      return create(segment, {key, hash});
    if (listing)
      segment.list_change(*entry, hash, now_);
    return entry->second.value;
  }
  [[nodiscard]] V& find_or_create(In<K> key) { return find_or_create(key, hasher_(key)); }

  /// Null if the key is not there.
  [[nodiscard]] const V* find(In<K> key, std::uint64_t hash) const {
    const Typed* segment = find_segment(hash);
    const auto* entry = segment == nullptr ? nullptr : segment->find({key, hash});
    return entry == nullptr ? nullptr : &entry->second.value;
  }
  [[nodiscard]] const V* find(In<K> key) const { return find(key, hasher_(key)); }

  /// False if the key was not there.
  bool erase(In<K> key, std::uint64_t hash) {
    Typed* segment = find_segment(hash);
    const auto* entry = segment == nullptr ? nullptr : segment->find({key, hash});
    if (entry == nullptr)
      return false;
    prepare_write(*segment);
    if (segment->shadowed)
      count_image(segment->keep_image({key, hash}, entry, scratch_));
    forget_size(*segment, *entry);
    segment->erase({key, hash}, now_);
    return true;
  }
  bool erase(In<K> key) { return erase(key, hasher_(key)); }

  /// Hands each entry to `emit(key, value)` and removes it, until all are gone (true) or `blocked` becomes
  /// true (false; it goes on with what is left when called again).
  template <class Emit>
  bool drain(const bool& blocked, Emit emit) {
    for (; drained_ < segments_.size(); ++drained_) {
      auto& segment = static_cast<Typed&>(*segments_[drained_]);
      if (segment.entries() > 0 && !drain_segment(segment, blocked, emit))
        return false;
    }
    return true;
  }

 protected:
  Result<void> load(SegmentId id, SegmentContent content, std::string_view bytes) override {
    SegmentImageReader image(id, bytes);
    auto count = image.head(content);
    if (count && content == SegmentContent::kWhole && lies_within(id, groups_))
      find_restored(id).reserve(std::min(*count, kMostReserved));
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
    if (segment.version == now_) [[likely]]
      return;
    touch(segment);
    segment.begin_generation();
  }

  [[nodiscard]] Typed& segment_to_write(std::uint64_t hash) {
    Typed& segment = segment_of(hash);
    if constexpr (kFixedBytes<V> == 0) {
      if (segment.writes_to_review-- == 0) [[unlikely]] {
        review(segment);
        return segment_of(hash);
      }
    }
    return segment;
  }

  [[gnu::noinline]] V& create(Typed& segment, const HashedKey<K>& key) {
    drained_ = 0;
    Entry* const entry = segment.find_or_create(key).first;
    if (segment.listed_after != now_)
      segment.list_change(*entry, key.hash, now_);
    segment.bytes += segment.size_of(scratch_, *entry);
    if (split_if_large(segment))
      return segment_of(key.hash).find(key)->second.value;
    return entry->second.value;
  }

  void forget_size(Typed& segment, const Entry& entry) {
    segment.bytes -= std::min(segment.bytes, segment.size_of(scratch_, entry));
  }

  template <class Emit>
  bool drain_segment(Typed& segment, const bool& blocked, Emit& emit) {
    set_aside(segment);
    prepare_write(segment);
    segment.drain(blocked, now_, emit);
    return segment.entries() == 0;
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
    const auto [entry, created] = segment->find_or_create({key, hash});
    if (!created && content == SegmentContent::kWhole)
      return image.damaged("a key is there twice");
    if (!created)
      forget_size(*segment, *entry);
    entry->second.value = Codec<V>::own(value);
    segment->bytes += segment->size_of(scratch_, *entry);
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
    if (const auto* entry = segment->find({key, hash}); entry != nullptr) {
      forget_size(*segment, *entry);
      segment->erase({key, hash}, segment->listed_after);  // no change since the snapshot
    }
    return {};
  }

  [[noreturn]] static void throw_foreign_key() {
    throw std::logic_error(
        "the key function gave a record another key than before the shuffle; it must depend on the "
        "record alone");
  }

  /// A damaged count must not take memory that no entries will fill.
  static constexpr std::size_t kMostReserved = std::size_t{1} << 14U;

  /// So many segments a core's second-level cache takes, and the work of prefetching would be in vain.
  static constexpr std::size_t kSegmentsInCache = 1;

  std::size_t drained_ = 0;  ///< so many segments are known to be empty
  KeyHasher<K> hasher_;
  int group_bits_;
  bool power_of_two_;
};

}  // namespace leat::runtime
