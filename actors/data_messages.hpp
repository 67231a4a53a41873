#pragma once

// What slots send each other: buffers one way, credits the other. Within a process a DataMessage
// carries the pointer; between processes the bytes are copied once into the connection's buffer and
// once out of it.

#include <cstdint>
#include <memory>
#include <type_traits>
#include <utility>

#include <caf/error.hpp>
#include <caf/sec.hpp>
#include <caf/serializer.hpp>

#include "actors/id_message.hpp"
#include "runtime/base/ids.hpp"
#include "runtime/dataflow/buffer.hpp"

namespace leat::actors {

/// Which deployment a message belongs to. A slot drops what is not of its own.
struct DeploymentId {
  JobId job;
  Attempt attempt{};
  bool operator==(const DeploymentId&) const = default;
};

struct DataMessage {
  DeploymentId deployment;
  runtime::ChannelId channel;
  std::uint64_t sequence = 0;
  runtime::BufferPtr buffer;  ///< never null in a message that was received
};

struct CreditMessage {
  DeploymentId deployment;
  runtime::ChannelId channel;
  std::uint32_t buffers = 0;
};

/// Whether a buffer as described may have been sent by a Leat of this version.
[[nodiscard]] constexpr bool is_plausible_buffer(std::uint8_t kind, std::size_t bytes) {
  if (kind > runtime::kLastBufferKind || bytes > runtime::kLargestBufferBytes)
    return false;
  return kind != static_cast<std::uint8_t>(runtime::BufferKind::kEndOfInput) || bytes == 0;
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& inspector, DeploymentId& deployment) {
  return inspector(deployment.job, deployment.attempt);
}

namespace detail {

template <class Serializer>
caf::error save_buffer(Serializer& out, const runtime::Buffer& buffer) {
  auto kind = static_cast<std::uint8_t>(buffer.kind);
  std::uint32_t records = buffer.records;
  std::size_t size = buffer.bytes.size();
  // As a vector<char> is written: its size, then the block. A serializer only reads the block.
  if (auto error = out(kind, records))
    return error;
  if (auto error = out.begin_sequence(size))
    return error;
  if (size > 0)
    if (auto error = out.apply_raw(size, const_cast<char*>(buffer.bytes.data())))
      return error;
  return out.end_sequence();
}

template <class Deserializer>
caf::error load_buffer(Deserializer& in, runtime::BufferPtr& into) {
  std::uint8_t kind = 0;
  std::uint32_t records = 0;
  std::size_t size = 0;
  if (auto error = in(kind, records))
    return error;
  if (auto error = in.begin_sequence(size))
    return error;
  // Checked before memory is taken: the size is whatever the bytes say.
  if (!is_plausible_buffer(kind, size))
    return caf::make_error(caf::sec::invalid_argument);
  auto buffer = std::make_shared<runtime::Buffer>();
  buffer->kind = static_cast<runtime::BufferKind>(kind);
  buffer->records = records;
  buffer->bytes = ByteBlock(size);
  if (size > 0)
    if (auto error = in.apply_raw(size, buffer->bytes.data()))
      return error;
  into = std::move(buffer);
  return in.end_sequence();
}

}  // namespace detail

template <class Inspector>
typename Inspector::result_type inspect(Inspector& inspector, DataMessage& message) {
  auto& channel = message.channel;
  if constexpr (!Inspector::reads_state) {
    if (auto error =
            inspector(message.deployment, channel.edge, channel.from, channel.to, message.sequence))
      return error;
    return detail::load_buffer(inspector, message.buffer);
  } else if constexpr (std::is_base_of_v<caf::serializer, Inspector>) {
    if (auto error =
            inspector(message.deployment, channel.edge, channel.from, channel.to, message.sequence))
      return error;
    return detail::save_buffer(inspector, *message.buffer);
  } else {
    return inspector(message.deployment, channel.edge, channel.from, channel.to, message.sequence);
  }
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& inspector, CreditMessage& message) {
  auto& channel = message.channel;
  return inspector(message.deployment, channel.edge, channel.from, channel.to, message.buffers);
}

}  // namespace leat::actors
