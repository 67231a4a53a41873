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
  struct Hash {
    using is_transparent = void;
    KeyHasher<K> hasher;
    [[nodiscard]] std::size_t operator()(In<K> key) const { return std::rotr(hasher(key), 15); }
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
    static decltype(auto) as_view(const K& key) { return Codec<K>::view(key); }
    static const View<K>& as_view(const View<K>& key) requires(!std::is_same_v<K, View<K>>) {
      return key;
    }
  };
  using Map = absl::flat_hash_map<K, V, Hash, Equal>;

 public:
  using iterator = typename Map::iterator;

  /// The value of a key; value-initialised if the key is new. Valid until the next call.
  [[nodiscard]] V& find_or_create(In<K> key) {
    return map_
        .lazy_emplace(key,
                      [&](const auto& construct) {
                        construct(std::piecewise_construct,
                                  std::forward_as_tuple(Codec<K>::own(key)),
                                  std::forward_as_tuple());
                      })
        ->second;
  }

  [[nodiscard]] std::size_t size() const { return map_.size(); }
  [[nodiscard]] iterator begin() { return map_.begin(); }
  [[nodiscard]] iterator end() { return map_.end(); }

 private:
  Map map_;
};

}  // namespace leat::runtime
