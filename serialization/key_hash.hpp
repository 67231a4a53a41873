#pragma once

// The hash of a key: XXH3-64 of its bytes. It fixes key groups, and so where state lives, for ever:
// golden tests hold it. The bytes are the codec's encoding, except that a key which is one string is
// its plain bytes (nothing follows it that a length would have to keep apart).

#include <cstdint>
#include <string_view>

#ifndef XXH_INLINE_ALL
#define XXH_INLINE_ALL
#endif
#include <xxhash.h>

#include "serialization/byte_writer.hpp"
#include "serialization/codec.hpp"

namespace leat {

/// Single-threaded: compound keys are encoded into memory that is kept from call to call.
template <class K>
class KeyHasher {
 public:
  [[nodiscard]] std::uint64_t operator()(In<K> key) const {
    if constexpr (Number<K>) {
      return XXH3_64bits(&key, sizeof key);
    } else if constexpr (std::is_same_v<View<K>, std::string_view>) {
      return XXH3_64bits(key.data(), key.size());
    } else {
      scratch_.clear();
      encode<K>(scratch_, key);
      return XXH3_64bits(scratch_.data(), scratch_.size());
    }
  }

 private:
  struct Nothing {};
  using Scratch = std::conditional_t<Number<K> || std::is_same_v<View<K>, std::string_view>,
                                     Nothing, ByteWriter>;
  [[no_unique_address]] mutable Scratch scratch_;
};

}  // namespace leat
