#pragma once

// A sink with two phases whose "storage" is a log in the test: rows are staged at a barrier and count once
// they are committed.

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "runtime/connectors/sink.hpp"

namespace leat::test {

/// What all attempts of a job left behind.
template <class T>
struct TransactionLog {
  std::map<std::string, std::vector<T>> staged;  ///< by transaction; durable ones only
  std::set<std::string> committed;
  std::vector<T> rows;  ///< of committed transactions, in order

  /// Idempotent; what is not durable cannot be committed.
  void commit(const proto::Committable& committable) {
    const auto transaction = staged.find(committable.handle());
    ASSERT_NE(transaction, staged.end()) << committable.handle() << " was never made durable";
    if (!committed.insert(committable.handle()).second)
      return;
    rows.insert(rows.end(), transaction->second.begin(), transaction->second.end());
  }
};

template <class T>
class TransactionalWriter final : public SinkWriter<T> {
 public:
  TransactionalWriter(std::shared_ptr<TransactionLog<T>> log, const SinkContext& context)
      : log_(std::move(log)),
        name_(context.sink_uid + "/" + std::to_string(context.subtask) + "/" +
              std::to_string(static_cast<std::uint32_t>(context.attempt)) + "/") {}

  void write(In<T> record) override { rows_.push_back(Codec<T>::own(record)); }

  PreparedOutput prepare_commit(std::uint64_t checkpoint) override {
    EXPECT_GE(checkpoint, last_);
    if (rows_.empty())
      return {};
    EXPECT_NE(checkpoint, last_) << "two transactions of one name";
    last_ = checkpoint;
    proto::Committable committable;
    committable.set_kind("transactional");
    committable.set_handle(name_ + std::to_string(checkpoint));
    auto durable = [log = log_, handle = committable.handle(),
                    rows = std::exchange(rows_, {})]() -> Result<void> {
      log->staged[handle] = rows;
      return {};
    };
    return {std::move(durable), {std::move(committable)}};
  }

 private:
  std::shared_ptr<TransactionLog<T>> log_;
  std::string name_;
  std::vector<T> rows_;
  std::uint64_t last_ = 0;
};

template <class T>
Sink<T> transactional_sink(std::shared_ptr<TransactionLog<T>> log) {
  return {"transactional", "discard", "", [log](const SinkContext& context) {
            return std::make_unique<TransactionalWriter<T>>(log, context);
          }};
}

}  // namespace leat::test
