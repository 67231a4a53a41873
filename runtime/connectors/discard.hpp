#pragma once

// A sink for measuring: takes records and drops them.

#include <memory>

#include "runtime/connectors/sink.hpp"

namespace leat {

template <class T>
class DiscardWriter : public SinkWriter<T> {
 public:
  void write(In<T> /*record*/) override {}
};

/// Becomes a Sink<T> for whichever T the stream has.
struct DiscardSink {
  template <class T>
  operator Sink<T>() const {  // NOLINT(google-explicit-constructor): stream.sink(discard())
    return {.name = "discard",
            .kind = "discard",
            .path = {},
            .make_writer = [](const SinkContext&) -> std::unique_ptr<SinkWriter<T>> {
              return std::make_unique<DiscardWriter<T>>();
            }};
  }
};

[[nodiscard]] inline DiscardSink discard() {
  return {};
}

}  // namespace leat
