#pragma once

// What entries of a segment were at a snapshot's mark, encoded: those that have changed since and are still to be
// sent. Single-threaded.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "runtime/state/keyed_table.hpp"
#include "serialization/byte_writer.hpp"

namespace leat::runtime {

template <class K>
class EntryImages {
 public:
  /// None: there was no entry of this key.
  using Image = std::optional<std::string>;

  /// Keeps what `encode(scratch)` writes, returning false if there is no entry, unless the key has an image
  /// already. Returns the bytes that this takes.
  template <class Encode>
  std::size_t keep(const HashedKey<K>& key, ByteWriter& scratch, Encode encode) {
    std::size_t kept = 0;
    images_.lazy_emplace(key, [&](const auto& construct) {
      scratch.clear();
      Image image;
      if (encode(scratch))
        image = scratch.view();
      kept = sizeof(typename Images::value_type) + scratch.size();
      construct(Codec<K>::own(key.key), std::move(image));
    });
    bytes_ += kept;
    return kept;
  }

  /// Null if the entry has not changed.
  [[nodiscard]] const Image* find(const HashedKey<K>& key) const {
    const auto found = images_.find(key);
    return found == images_.end() ? nullptr : &found->second;
  }
  [[nodiscard]] bool contains(const K& key) const {
    return !images_.empty() && images_.contains(Codec<K>::view(key));
  }
  /// Of the entries that were there.
  template <class Visit>
  void for_each(Visit visit) const {
    for (const auto& [key, image] : images_)
      if (image)
        visit(std::string_view(*image));
  }

  /// Returns what they took.
  std::size_t clear() {
    images_ = {};
    return std::exchange(bytes_, 0);
  }

 private:
  using Images = KeyedTable<K, Image>;

  Images images_;
  std::size_t bytes_ = 0;
};

}  // namespace leat::runtime
