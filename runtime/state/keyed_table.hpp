#pragma once

// An open-addressing hash table from keys to T, looked up by view (so that no key is copied unless it is
// new) and by a hash that is known.

#include <bit>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include <absl/container/flat_hash_map.h>

#include "serialization/codec.hpp"
#include "serialization/key_hash.hpp"

namespace leat::runtime {

/// A key and its KeyHasher hash.
template <class K>
struct HashedKey {
  In<K> key;
  std::uint64_t hash;
};

/// For prefetching: the hash of a key alone.
struct HashedPlace {
  std::uint64_t hash;
};

template <class K>
struct TableHash {
  using is_transparent = void;

  /// A copy has memory of its own for encoding.
  TableHash() = default;
  TableHash(const TableHash& /*other*/) {}
  TableHash& operator=(const TableHash& /*other*/) { return *this; }
  ~TableHash() = default;

  /// Key groups take the low bits of the hash, segments the high ones, and absl the low ones for its
  /// control bytes: within a segment these would be nearly constant. Rotated, they differ.
  static std::size_t rotated(std::uint64_t key_hash) { return std::rotr(key_hash, 15); }

  [[nodiscard]] std::size_t operator()(const HashedKey<K>& key) const { return rotated(key.hash); }
  /// Not without effect, for the compiler: else it drops prefetching as a call whose result nobody uses.
  [[nodiscard]] std::size_t operator()(const HashedPlace& place) const {
    asm volatile("");
    return rotated(place.hash);
  }
  [[nodiscard]] std::size_t operator()(In<K> key) const { return rotated(hasher(key)); }
  [[nodiscard]] std::size_t operator()(const K& key) const requires(!std::is_same_v<K, View<K>>) {
    return (*this)(static_cast<In<K>>(Codec<K>::view(key)));
  }

  KeyHasher<K> hasher;
};

template <class K>
struct TableEqual {
  using is_transparent = void;

  template <class A, class B>
  [[nodiscard]] bool operator()(const A& a, const B& b) const {
    return as_view(a) == as_view(b);
  }

 private:
  static const View<K>& as_view(const HashedKey<K>& key) requires(!std::is_same_v<In<K>, View<K>>) {
    return key.key;
  }
  static View<K> as_view(const HashedKey<K>& key) requires(std::is_same_v<In<K>, View<K>>) {
    return key.key;
  }
  static decltype(auto) as_view(const K& key) { return Codec<K>::view(key); }
  static const View<K>& as_view(const View<K>& key) requires(!std::is_same_v<K, View<K>>) {
    return key;
  }
};

template <class K, class T>
using KeyedTable = absl::flat_hash_map<K, T, TableHash<K>, TableEqual<K>>;

}  // namespace leat::runtime
