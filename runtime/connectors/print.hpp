#pragma once

// Records on a TaskManager's standard output.

#include <memory>
#include <utility>

#include "runtime/connectors/line_sink.hpp"

namespace leat {

namespace detail {
[[nodiscard]] std::unique_ptr<LineOutput> make_print_output(const SinkContext& context);
}  // namespace detail

/// Writes each record as a line to the standard output of the TaskManager it is in, behind
/// `<subtask>> ` counted from 1 if there are several. After a failure lines may appear again.
/// `format(record, std::string& line)` appends a record's text; without it TextFormat<T> does.
template <class Format = DefaultFormat>
[[nodiscard]] LineSink<Format> print(Format format = {}) {
  return {.name = "print",
          .kind = "print",
          .path = {},
          .make_output = detail::make_print_output,
          .format = std::move(format)};
}

}  // namespace leat
