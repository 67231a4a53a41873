#pragma once

// Decodes the records of a buffer and hands them to the first operator of the receiving chain.

#include <cstdint>

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
      if (!Codec<T>::decode(bytes, record_)) [[unlikely]]
        return false;
      --records;
      out_.emit(record_);
    }
    return true;
  }

 private:
  Collector<T>& out_;
  View<T> record_{};
};

}  // namespace leat::runtime
