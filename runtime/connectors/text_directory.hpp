#pragma once

// A directory of text files as a sink: one line per record.

#include <memory>
#include <string>
#include <utility>

#include "runtime/connectors/line_sink.hpp"

namespace leat {

namespace detail {
[[nodiscard]] std::unique_ptr<LineOutput> make_text_directory_output(const SinkContext& context,
                                                                     const std::string& directory);
}  // namespace detail

/// Writes files part-<subtask>-<checkpoint> into a directory, which must be empty or missing and lie on
/// storage that all TaskManagers share. Files appear under that name with each completed checkpoint and at
/// the job's end, each exactly once; a subtask without records writes none. `format(record,
/// std::string& line)` appends a record's text; without it TextFormat<T> does.
template <class Format = DefaultFormat>
[[nodiscard]] LineSink<Format> text_directory(const std::string& path, Format format = {}) {
  return {.name = "text directory",
          .kind = "text_directory",
          .path = path,
          .make_output =
              [path](const SinkContext& context) {
                return detail::make_text_directory_output(context, path);
              },
          .format = std::move(format)};
}

}  // namespace leat
