#pragma once

// A collector and a poll loop for tests of sources.

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "runtime/connectors/source.hpp"
#include "runtime/coordination/split_enumerator.hpp"

namespace leat::test {

/// Keeps what is emitted; `on_emit` may throw or change what the test looks at.
template <class T>
class Collecting : public Collector<T> {
 public:
  void emit(In<T> record) override {
    if (on_emit)
      on_emit(record);
    records.push_back(Codec<T>::own(record));
  }

  std::vector<T> records;
  std::function<void(In<T>)> on_emit;
};

/// Polls until the reader asks for a split or fails, `budget` records at a time.
template <class T>
Result<void> poll_to_end(SourceReader<T>& reader, Collector<T>& out, std::uint32_t budget = 1000,
                         Time now = {}) {
  const bool blocked = false;
  while (true) {
    const auto outcome = reader.poll({budget, blocked, now}, out);
    if (!outcome)
      return outcome.error();
    EXPECT_LE(outcome->records, budget);
    if (outcome->next != PollOutcome::Next::kMore)
      return {};
  }
}

/// All splits there are, in the order they are handed out to subtasks in turn.
inline std::vector<proto::Split> all_splits(runtime::SplitEnumerator& enumerator,
                                            std::uint32_t parallelism) {
  std::vector<proto::Split> splits;
  for (std::uint32_t subtask = 0;; subtask = (subtask + 1) % parallelism) {
    auto split = enumerator.next(subtask);
    if (!split)
      return splits;
    splits.push_back(std::move(*split));
  }
}

}  // namespace leat::test
