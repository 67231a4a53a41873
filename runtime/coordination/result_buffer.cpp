#include "runtime/coordination/result_buffer.hpp"

#include <utility>

#include "runtime/base/check.hpp"

namespace leat::runtime {

namespace {
/// Empty rows take room too.
std::size_t cost(const std::string& row) {
  return row.size() + sizeof(std::string);
}
}  // namespace

void ResultBuffer::restart(Attempt attempt) {
  attempt_ = attempt;
  released_ = 0;
  rows_.clear();
  bytes_ = 0;
  owed_.clear();
}

void ResultBuffer::append(std::uint32_t subtask, const proto::CollectRows& batch) {
  for (const std::string& row : batch.rows()) {
    bytes_ += cost(row);
    rows_.push_back(row);
  }
  ++owed_[subtask];
}

void ResultBuffer::release(std::uint64_t offset) {
  LEAT_CHECK(offset <= total());
  while (released_ < offset) {
    bytes_ -= cost(rows_.front());
    rows_.pop_front();
    ++released_;
  }
}

std::map<std::uint32_t, std::uint32_t> ResultBuffer::take_credits() {
  if (bytes_ >= limit_bytes_)
    return {};
  return std::exchange(owed_, {});
}

void ResultBuffer::copy_rows(std::uint64_t offset, proto::ResultBatch& into) const {
  LEAT_CHECK(released_ <= offset && offset <= total());
  std::size_t bytes = 0;
  for (std::size_t i = offset - released_; i < rows_.size(); ++i) {
    bytes += cost(rows_[i]);
    if (into.rows_size() > 0 && bytes > kBatchBytes)
      return;
    into.add_rows(rows_[i]);
  }
}

}  // namespace leat::runtime
