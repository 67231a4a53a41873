#pragma once

// Takes the keys of several records before it uses the first, so that the places where their state lies
// are on their way from memory: with many keys each lookup would wait for it otherwise.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>

#include "runtime/api/collector.hpp"
#include "runtime/operators/user_call.hpp"
#include "serialization/codec.hpp"
#include "serialization/key_hash.hpp"

namespace leat::runtime {

template <class T, class K, class KeyFn>
class KeyBatch {
  using Key = std::remove_cvref_t<typename CallResult<KeyFn, T>::type>;

 public:
  /// Only for keys that stay valid while the next record's key is taken: values and views into records.
  static constexpr bool kPossible = kTakesView<KeyFn, T> && std::is_trivially_copyable_v<Key>;

  /// Calls `prefetch(key, hash)` for up to sixteen records, then `use(key, hash, record)` for each.
  template <class Prefetch, class Use>
  static void run(KeyFn& key_of, const KeyHasher<K>& hasher, std::span<const View<T>> records,
                  Prefetch prefetch, Use use) requires kPossible {
    std::array<Key, kRecordBatch> keys;
    std::array<std::uint64_t, kRecordBatch> hashes;
    while (!records.empty()) {
      const std::size_t count = std::min(records.size(), kRecordBatch);
      for (std::size_t i = 0; i < count; ++i) {
        keys[i] = key_of(records[i]);
        hashes[i] = hasher(keys[i]);
        prefetch(keys[i], hashes[i]);
      }
      for (std::size_t i = 0; i < count; ++i)
        use(keys[i], hashes[i], records[i]);
      records = records.subspan(count);
    }
  }
};

}  // namespace leat::runtime
