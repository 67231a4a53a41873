#pragma once

// Takes the keys of several records before it uses the first, so that the places where their state lies
// are on their way from memory: with many keys each lookup would wait for it otherwise.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
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
  static constexpr bool kPossible = kTakesView<KeyFn, T> &&
                                    std::is_trivially_copy_constructible_v<Key> &&
                                    std::is_trivially_destructible_v<Key>;

  /// Calls `prefetch(key, hash)` for up to sixteen records, then `use(key, hash, record)` for each. What
  /// throws is labelled with the operator's name and the record; with none if it was behind the operator,
  /// where a record may have come of several.
  template <class Prefetch, class Use>
  static void run(const std::string& name, KeyFn& key_of, const KeyHasher<K>& hasher,
                  std::span<const View<T>> records, Prefetch prefetch, Use use) requires kPossible {
    std::array<Key, kRecordBatch> keys;
    std::array<std::uint64_t, kRecordBatch> hashes;
    std::size_t at = 0;
    try {
      for (std::size_t begin = 0; begin < records.size(); begin += kRecordBatch) {
        const std::size_t end = std::min(records.size(), begin + kRecordBatch);
        for (at = begin; at < end; ++at) {
          keys[at - begin] = key_of(records[at]);
          hashes[at - begin] = hasher(keys[at - begin]);
          prefetch(keys[at - begin], hashes[at - begin]);
        }
        for (at = begin; at < end; ++at)
          use(keys[at - begin], hashes[at - begin], records[at]);
      }
    } catch (const OperatorFailure&) {
      rethrow_labelled(name);
    } catch (...) {
      rethrow_labelled(name, at);
    }
  }

  /// The same one record after the other, for state that lies in the caches anyhow.
  template <class Use>
  static void run_each(const std::string& name, KeyFn& key_of, const KeyHasher<K>& hasher,
                       std::span<const View<T>> records, Use use) requires kPossible {
    std::size_t at = 0;
    try {
      for (; at < records.size(); ++at) {
        const Key key = key_of(records[at]);
        use(key, hasher(key), records[at]);
      }
    } catch (const OperatorFailure&) {
      rethrow_labelled(name);
    } catch (...) {
      rethrow_labelled(name, at);
    }
  }
};

}  // namespace leat::runtime
