#pragma once

// A sink for measuring: takes records and drops them.

#include <memory>
#include <span>

#include "runtime/connectors/sink.hpp"

namespace leat {

template <class T>
class DiscardWriter : public SinkWriter<T> {
 public:
  void write(In<T> /*record*/) override {}
  void write_all(std::span<const View<T>> /*records*/) override {}
};

/// A sink for whichever record type the stream has.
struct DiscardSink {
  template <class T>
  [[nodiscard]] Sink<T> as() const {
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
