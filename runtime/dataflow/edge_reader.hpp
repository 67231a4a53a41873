#pragma once

// Decodes the records of a buffer and hands them to the first operator of the receiving chain.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "runtime/api/collector.hpp"
#include "runtime/operators/user_call.hpp"
#include "serialization/byte_reader.hpp"
#include "serialization/codec.hpp"

namespace leat::runtime {

class EdgeReader {
 public:
  EdgeReader() = default;
  EdgeReader(const EdgeReader&) = delete;
  EdgeReader& operator=(const EdgeReader&) = delete;
  virtual ~EdgeReader() = default;

  /// Emits up to `records` records, fewer when `blocked` becomes true; counts `records` down, at an
  /// OperatorFailure to behind the record that met it, if that is known. False if the bytes are no
  /// records.
  [[nodiscard]] virtual bool read(ByteReader& bytes, std::uint32_t& records,
                                  const bool& blocked) = 0;
};

template <class T>
class TypedEdgeReader final : public EdgeReader {
 public:
  explicit TypedEdgeReader(Collector<T>& out) : out_(out) {}

  bool read(ByteReader& bytes, std::uint32_t& records, const bool& blocked) override {
    while (records > 0 && !blocked) {
      const std::size_t count = std::min<std::size_t>(records, batch_.size());
      if (!decode(bytes, count)) [[unlikely]]
        return false;
      records -= static_cast<std::uint32_t>(count);
      try {
        out_.emit_all(std::span(batch_.data(), count));
      } catch (const OperatorFailure& failure) {
        if (failure.record())  // what follows it was not read
          records += static_cast<std::uint32_t>(count - *failure.record() - 1);
        throw;
      }
    }
    return true;
  }

 private:
  /// Fills the first `count` places of batch_.
  bool decode(ByteReader& bytes, std::size_t count) {
    if constexpr (kFixedBytes < T >> 0) {
      std::string_view records;
      if (!bytes.read_bytes(count * kFixedBytes<T>, records)) [[unlikely]]
        return false;
      UncheckedReader next(records);
      return decode_each(next, count);
    } else {
      // A copy, so that the compiler keeps it in registers while it writes records.
      ByteReader next = bytes;
      const bool decoded = decode_each(next, count);
      bytes = next;
      return decoded;
    }
  }

  template <class Reader>
  bool decode_each(Reader& next, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      if (!Codec<T>::decode(next, batch_[i])) [[unlikely]]
        return false;
    }
    return true;
  }

  Collector<T>& out_;
  std::array<View<T>, kRecordBatch> batch_{};
};

}  // namespace leat::runtime
