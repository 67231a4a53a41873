#pragma once

// Remembers what a slot task or a part of it asks for.

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "runtime/checkpointing/chunk_id.hpp"
#include "runtime/dataflow/slot_outbox.hpp"

namespace leat::test {

class RecordingOutbox : public runtime::SlotOutbox {
 public:
  struct Rows {
    std::vector<std::string> rows;
    std::uint64_t before_barrier;
    bool operator==(const Rows&) const = default;
  };
  struct Chunk {
    std::uint64_t checkpoint;
    std::uint64_t sequence;
    std::string data;
  };

  void send_buffer(runtime::ChannelId, std::uint64_t, runtime::BufferPtr) override {
    ADD_FAILURE() << "a buffer for another slot";
  }
  void send_credit(runtime::ChannelId, std::uint32_t) override {
    ADD_FAILURE() << "credit for another slot";
  }
  void request_split(std::uint32_t source) override { split_requests.push_back(source); }
  void send_rows(std::vector<std::string> batch, std::uint64_t before_barrier) override {
    rows.push_back({std::move(batch), before_barrier});
  }
  void run_io(runtime::IoToken token, std::function<Result<void>()> work) override {
    io.emplace_back(token, std::move(work));
  }
  void acknowledge(proto::SubtaskEvent::CheckpointAck ack) override {
    acks.push_back(std::move(ack));
  }
  void decline(std::uint64_t, const std::string& reason) override { ADD_FAILURE() << reason; }
  void send_chunk(std::uint64_t checkpoint, std::uint64_t sequence, std::string data) override {
    chunks.push_back({checkpoint, sequence, std::move(data)});
  }
  void fetch_chunk(std::uint64_t epoch, std::uint64_t counter) override {
    fetched.push_back({epoch, counter});
  }

  std::vector<std::uint32_t> split_requests;
  std::vector<Rows> rows;
  std::vector<std::pair<runtime::IoToken, std::function<Result<void>()>>> io;
  std::vector<proto::SubtaskEvent::CheckpointAck> acks;
  std::vector<Chunk> chunks;
  std::vector<ChunkId> fetched;
};

}  // namespace leat::test
