#pragma once

// Results that come back to the client.

#include <memory>
#include <utility>

#include "runtime/connectors/line_sink.hpp"

namespace leat {

namespace detail {
[[nodiscard]] std::unique_ptr<LineOutput> make_collect_output(const SinkContext& context);
}  // namespace detail

/// Sends each record as a line to the client that runs the job; a slow client slows the job down.
/// `format(record, std::string& line)` appends a record's text; without it TextFormat<T> does.
template <class Format = DefaultFormat>
[[nodiscard]] LineSink<Format> collect(Format format = {}) {
  return {.name = "collect",
          .kind = "collect",
          .path = {},
          .make_output = detail::make_collect_output,
          .format = std::move(format)};
}

}  // namespace leat
