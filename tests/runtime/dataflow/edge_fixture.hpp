#pragma once

// Both ends of an edge with what is between them in a test's hands.

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "runtime/dataflow/edge_input.hpp"
#include "runtime/dataflow/edge_output.hpp"

namespace leat::runtime {

/// Remembers what was sent instead of sending it.
struct RecordedRoute final : BufferRoute {
  struct Sent {
    ChannelId channel;
    std::uint64_t sequence;
    BufferPtr buffer;
  };
  void send_buffer(ChannelId channel, std::uint64_t sequence, BufferPtr buffer) override {
    sent.push_back({channel, sequence, std::move(buffer)});
  }
  void send_credit(ChannelId /*channel*/, std::uint32_t buffers) override {
    credits.push_back(buffers);
  }
  std::vector<Sent> sent;
  std::vector<std::uint32_t> credits;
};

class Texts final : public Collector<std::string> {
 public:
  void emit(std::string_view text) override { texts.emplace_back(text); }
  std::vector<std::string> texts;
};

class Edge : public ::testing::Test {
 protected:
  void fill_buffers(std::uint32_t count) {
    for (std::uint32_t i = 0; i < count; ++i)
      out_.write<std::string>(0, std::string(kBufferBytes, 'x'));
  }
  Result<void> pass(std::size_t index) {
    return in_.add(route_.sent[index].channel, route_.sent[index].sequence,
                   route_.sent[index].buffer);
  }

  const bool unblocked_ = false;
  RecordedRoute route_;
  OutputRoom room_;
  EdgeOutput out_{0, 0, 0, 1, room_, route_};
  Texts texts_;
  EdgeInput in_{0, 0, 1, 0, std::make_unique<TypedEdgeReader<std::string>>(texts_), route_};
};

}  // namespace leat::runtime
