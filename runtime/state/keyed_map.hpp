#pragma once

// Keyed state of one operator in one subtask: an open-addressing map from key to value, looked up by
// view so that no key is copied unless it is new. Single-threaded.

#include <bit>
#include <cstdint>
#include <utility>

#include <absl/container/flat_hash_map.h>

#include "serialization/codec.hpp"
#include "serialization/key_hash.hpp"

namespace leat::runtime {

template <class K, class V>
class KeyedMap {
  /// Key groups take the low bits of the hash, and so does absl for its control bytes: within one
  /// subtask they would be nearly constant. Rotated, the map uses bits that differ.
  static std::size_t rotated(std::uint64_t key_hash) { return std::rotr(key_hash, 15); }

  /// A key whose hash is known.
  struct Hashed {
    In<K> key;
    std::uint64_t hash;
  };
  struct Hash {
    using is_transparent = void;
    KeyHasher<K> hasher;
    [[nodiscard]] std::size_t operator()(const Hashed& key) const { return rotated(key.hash); }
    [[nodiscard]] std::size_t operator()(In<K> key) const { return rotated(hasher(key)); }
    [[nodiscard]] std::size_t operator()(const K& key) const requires(!std::is_same_v<K, View<K>>) {
      return (*this)(static_cast<In<K>>(Codec<K>::view(key)));
    }
  };
  struct Equal {
    using is_transparent = void;
    template <class A, class B>
    [[nodiscard]] bool operator()(const A& a, const B& b) const {
      return as_view(a) == as_view(b);
    }
    static const View<K>& as_view(const Hashed& key) requires(!std::is_same_v<In<K>, View<K>>) {
      return key.key;
    }
    static View<K> as_view(const Hashed& key) requires(std::is_same_v<In<K>, View<K>>) {
      return key.key;
    }
    static decltype(auto) as_view(const K& key) { return Codec<K>::view(key); }
    static const View<K>& as_view(const View<K>& key) requires(!std::is_same_v<K, View<K>>) {
      return key;
    }
  };
  using Map = absl::flat_hash_map<K, V, Hash, Equal>;

 public:
  using iterator = typename Map::iterator;

  /// Brings the place where a key would be closer to the processor.
  void prefetch(In<K> key, std::uint64_t hash) const { map_.prefetch(Hashed{key, hash}); }

  /// The value of a key with its KeyHasher hash; value-initialised if the key is new. Valid until the next call.
  [[nodiscard]] V& find_or_create(In<K> key, std::uint64_t hash) {
    const auto create = [&](const auto& construct) {
      construct(std::piecewise_construct, std::forward_as_tuple(Codec<K>::own(key)),
                std::forward_as_tuple());
    };
    return map_.lazy_emplace(Hashed{key, hash}, create)->second;
  }
  [[nodiscard]] V& find_or_create(In<K> key) { return find_or_create(key, hasher_(key)); }

  [[nodiscard]] std::size_t size() const { return map_.size(); }
  [[nodiscard]] iterator begin() { return map_.begin(); }
  [[nodiscard]] iterator end() { return map_.end(); }

 private:
  KeyHasher<K> hasher_;
  Map map_;
};

}  // namespace leat::runtime
