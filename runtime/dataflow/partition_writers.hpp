#pragma once

// The last collector of a chain before an edge: chooses the channel and writes the record there.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "runtime/api/collector.hpp"
#include "runtime/dataflow/edge_output.hpp"
#include "runtime/operators/user_call.hpp"
#include "runtime/state/key_group.hpp"
#include "serialization/key_hash.hpp"

namespace leat::runtime {

/// Subtask i to subtask i: the edge has one channel.
template <class T>
class ForwardWriter final : public Collector<T> {
 public:
  explicit ForwardWriter(EdgeOutput& out) : out_(out) {}
  void emit(In<T> record) override { out_.write<T>(0, record); }
  void emit_all(std::span<const View<T>> records) override {
    for (const View<T>& record : records)
      ForwardWriter::emit(record);
  }

 private:
  EdgeOutput& out_;
};

/// One record to each channel in turn, starting at a channel of its own so that first records spread.
template <class T>
class RebalanceWriter final : public Collector<T> {
 public:
  RebalanceWriter(EdgeOutput& out, std::uint32_t subtask)
      : out_(out), next_(subtask % out.channels()) {}
  void emit(In<T> record) override {
    out_.write<T>(next_, record);
    if (++next_ == out_.channels())
      next_ = 0;
  }
  void emit_all(std::span<const View<T>> records) override {
    for (const View<T>& record : records)
      RebalanceWriter::emit(record);
  }

 private:
  EdgeOutput& out_;
  std::uint32_t next_;
};

/// Every record to every channel.
template <class T>
class BroadcastWriter final : public Collector<T> {
 public:
  explicit BroadcastWriter(EdgeOutput& out) : out_(out) {}
  void emit(In<T> record) override {
    for (std::uint32_t channel = 0; channel < out_.channels(); ++channel)
      out_.write<T>(channel, record);
  }

 private:
  EdgeOutput& out_;
};

/// To the subtask that owns the record's key.
template <class T, class K, class KeyFn>
class HashWriter final : public Collector<T> {
 public:
  HashWriter(KeyFn key_of, EdgeOutput& out, std::uint32_t max_parallelism)
      : key_of_(std::move(key_of)), out_(out), router_(out.channels(), max_parallelism) {}

  void emit(In<T> record) override {
    try {
      out_.write<T>(router_.subtask(hasher_(key_form_.call(key_of_, record))), record);
    } catch (...) {
      rethrow_labelled("key_by");
    }
  }

  void emit_all(std::span<const View<T>> records) override {
    for (std::size_t begin = 0; begin < records.size(); begin += kRecordBatch)
      write_batch(records.subspan(begin, std::min(kRecordBatch, records.size() - begin)), begin);
  }

 private:
  /// All channels are chosen before the first record is written: hashing does not wait for writing.
  void write_batch(std::span<const View<T>> batch, std::size_t begin) {
    std::array<std::uint32_t, kRecordBatch> channels;
    std::size_t at = 0;
    try {
      for (; at < batch.size(); ++at)
        channels[at] = router_.subtask(hasher_(key_form_.call(key_of_, batch[at])));
      for (at = 0; at < batch.size(); ++at)
        out_.write<T>(channels[at], batch[at]);
    } catch (...) {
      rethrow_labelled("key_by", begin + at);
    }
  }

  KeyFn key_of_;
  EdgeOutput& out_;
  KeyRouter router_;
  KeyHasher<K> hasher_;
  RecordForm<T> key_form_;
};

}  // namespace leat::runtime
