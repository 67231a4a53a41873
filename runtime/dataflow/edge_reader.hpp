#pragma once

// Decodes the records of a buffer and hands them to the first operator of the receiving chain.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "runtime/api/collector.hpp"
#include "serialization/byte_reader.hpp"
#include "serialization/codec.hpp"

namespace leat::runtime {

class EdgeReader {
 public:
  EdgeReader() = default;
  EdgeReader(const EdgeReader&) = delete;
  EdgeReader& operator=(const EdgeReader&) = delete;
  virtual ~EdgeReader() = default;

  /// Emits up to `records` records, fewer when `blocked` becomes true; counts `records` down. False if
  /// the bytes are no records.
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
      // A copy, so that the compiler keeps it in registers while it writes records.
      ByteReader next = bytes;
      for (std::size_t i = 0; i < count; ++i) {
        if (!Codec<T>::decode(next, batch_[i])) [[unlikely]]
          return false;
      }
      bytes = next;
      records -= static_cast<std::uint32_t>(count);
      out_.emit_all(std::span(batch_.data(), count));
    }
    return true;
  }

 private:
  /// Enough to hide a cache miss behind, few enough to stop soon when an output is full.
  static constexpr std::size_t kBatch = 16;

  Collector<T>& out_;
  std::array<View<T>, kBatch> batch_{};
};

}  // namespace leat::runtime
