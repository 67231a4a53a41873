#pragma once

// The contract of a sink. Output becomes visible in two phases: prepare_commit(), at a barrier and at the
// end, makes what was written durable but invisible, and whoever holds the resulting Committables commits
// them later, perhaps in another process (runtime/connectors/output_commit.hpp).

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

/// Output on its way to being durable.
struct PreparedOutput {
  /// The blocking part (fsync), run away from the slot's thread while the writer goes on, or is gone; may
  /// be empty.
  std::function<Result<void>()> make_durable;
  /// To be committed once that has succeeded.
  std::vector<proto::Committable> committables;
};

/// The part of a writer that does not depend on the record type. Runs on the slot's thread.
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
  /// All records so far precede the barrier of `checkpoint`; others may follow. At the end of input
  /// the number is above those of all barriers that have passed, and may come again with a barrier that
  /// nothing was written before. Numbers ascend over a job's attempts.
  virtual PreparedOutput prepare_commit([[maybe_unused]] std::uint64_t checkpoint) { return {}; }
  /// No commit follows: removes what has been written since the last prepare_commit().
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
