#pragma once

// The contract of a source: an enumerator kind that the JobManager knows (it hands out splits), and a
// reader that runs in the slots and turns splits into records.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "runtime/api/collector.hpp"
#include "runtime/base/engine_time.hpp"
#include "runtime/base/file_system.hpp"
#include "runtime/base/result.hpp"
#include "serialization/proto/plan.pb.h"

namespace leat {

/// What a reader may use. Outlives it.
struct ReaderContext {
  FileSystem& files;
  std::uint32_t subtask;
  std::uint32_t parallelism;
};

/// How much a reader may do in one poll.
struct PollBudget {
  std::uint32_t max_records;
  /// Becomes true while emitting when an output has no room: stop after the record or the
  /// batch of kRecordBatch at hand.
  const bool& blocked;
  Time now;
};

struct PollOutcome {
  enum class Next {
    kMore,       ///< poll again
    kNeedSplit,  ///< nothing left of the splits given so far
    kWait,       ///< nothing before `until` (a rate limit)
  };
  Next next;
  std::uint32_t records = 0;  ///< emitted by this poll
  Time until{};
};

/// Reads splits one after the other. Runs on the slot's thread.
template <class T>
class SourceReader {
 public:
  virtual ~SourceReader() = default;
  /// Queues a split behind those not read yet.
  virtual Result<void> add_split(const proto::Split& split) = 0;
  virtual Result<PollOutcome> poll(const PollBudget& budget, Collector<T>& out) = 0;
  /// What is left of the splits given so far, cut down to it: reading these gives exactly the records not
  /// emitted yet. Taken between polls, for a snapshot; must be quick.
  [[nodiscard]] virtual std::vector<proto::Split> remaining() const = 0;
  /// Where the reader is: "a.txt, line at byte 1234". Put in front of errors that poll() returns or that
  /// records meet downstream.
  [[nodiscard]] virtual std::string position() const = 0;
};

/// A source as written in a job: `env.source(text_files(path))`.
template <class T>
struct Source {
  using Record = T;
  std::string name;    ///< for people: "text files"
  std::string kind;    ///< of the enumerator: "text_files", "range", "single"
  std::string config;  ///< encoded TextFilesConfig, RangeConfig or empty
  std::function<std::unique_ptr<SourceReader<T>>(const ReaderContext&)> make_reader;
};

}  // namespace leat
