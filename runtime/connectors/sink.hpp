#pragma once

// The contract of a sink. Output becomes visible in two phases: prepare_commit() makes what was
// written durable but invisible, and whoever holds the resulting Committables commits them later,
// perhaps in another process (runtime/connectors/output_commit.hpp).

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "runtime/api/collector.hpp"
#include "runtime/base/file_system.hpp"
#include "runtime/base/ids.hpp"
#include "runtime/base/result.hpp"
#include "serialization/proto/control.pb.h"

namespace leat {

/// Sends rows to the client; granted by the JobManager batch by batch. Implemented by the slot.
class RowChannel {
 public:
  virtual ~RowChannel() = default;
  [[nodiscard]] virtual bool has_room() const = 0;
  /// One batch. May be called without room once a record is already being written (a counted overshoot).
  virtual void send(std::vector<std::string> rows) = 0;
};

/// What a sink may use. Outlives it.
struct SinkContext {
  FileSystem& files;
  RowChannel& rows;
  JobId job;
  std::string sink_uid;
  std::uint32_t subtask;
  std::uint32_t parallelism;
  Attempt attempt;
};

/// The part of a writer that does not depend on the record type. Runs on the slot's thread, except for
/// the function given out by prepare_commit().
class AnySinkWriter {
 public:
  AnySinkWriter() = default;
  AnySinkWriter(const AnySinkWriter&) = delete;
  AnySinkWriter& operator=(const AnySinkWriter&) = delete;
  virtual ~AnySinkWriter() = default;

  /// Before the first record.
  virtual Result<void> open() { return {}; }
  /// False while no further record should be written (back-pressure). Checked between records' batches.
  [[nodiscard]] virtual bool ready() const { return true; }
  /// The first error of write(), now and ever after; also sends on what should not wait (the slot is idle, or
  /// the buffer timeout has passed).
  virtual Result<void> flush() { return {}; }
  /// No record follows. Returns the blocking part (fsync), run away from the slot's thread while the
  /// writer is not touched; may be empty.
  virtual std::function<Result<void>()> prepare_commit() { return {}; }
  /// After prepare_commit()'s function succeeded: what is to be committed.
  virtual std::vector<proto::Committable> committables() { return {}; }
  /// Removes what this writer left invisible. Called instead of handing out committables.
  virtual void abort() {}
};

template <class T>
class SinkWriter : public AnySinkWriter {
 public:
  /// Keeps an error until flush().
  virtual void write(In<T> record) = 0;
  /// The same for several records at once.
  virtual void write_all(std::span<const View<T>> records) {
    for (const View<T>& record : records)
      write(record);
  }
};

/// A sink as written in a job: `stream.sink(text_directory(path))`.
template <class T>
struct Sink {
  std::string name;  ///< for people: "text directory"
  std::string kind;  ///< SinkSpec.kind
  std::string path;  ///< SinkSpec.path
  std::function<std::unique_ptr<SinkWriter<T>>(const SinkContext&)> make_writer;
};

}  // namespace leat
