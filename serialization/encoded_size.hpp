#pragma once

// How many bytes a record's encoding takes.

#include <cstddef>

#include "serialization/byte_writer.hpp"
#include "serialization/codec.hpp"

namespace leat {

/// The size of one encoding. Written to `scratch` where it has to be found out; what is in it is lost.
template <class T>
[[nodiscard]] std::size_t encoded_size(ByteWriter& scratch, In<T> record) {
  if constexpr (kFixedBytes<T> != 0) {
    return kFixedBytes<T>;
  } else {
    scratch.clear();
    encode<T>(scratch, record);
    return scratch.size();
  }
}

}  // namespace leat
