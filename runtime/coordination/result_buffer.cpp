#include "runtime/coordination/result_buffer.hpp"

#include <algorithm>
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
  owed_.clear();
  if (holds_rows())
    return forget_held();
  if (attempt_ == attempt)
    return;
  attempt_ = attempt;
  released_ = 0;
  rows_.clear();
  bytes_ = 0;
  resumed_at_.reset();
}

void ResultBuffer::resume(Attempt label, std::uint64_t first_row,
                          const google::protobuf::RepeatedPtrField<std::string>& rows,
                          std::uint64_t unconfirmed) {
  hold_rows(first_row, rows);
  attempt_ = label;
  resumed_at_ = total() - std::min<std::uint64_t>(unconfirmed, rows_.size());
}

void ResultBuffer::align(std::uint64_t offset) {
  const auto resumed_at = std::exchange(resumed_at_, std::nullopt);
  if (!resumed_at || offset <= *resumed_at)
    return;
  release(*resumed_at);
  released_ = offset;
}

void ResultBuffer::hold_rows(std::uint64_t first_row,
                             const google::protobuf::RepeatedPtrField<std::string>& rows) {
  attempt_ = kContinuous;
  released_ = first_row;
  rows_.assign(rows.begin(), rows.end());
  bytes_ = 0;
  for (const std::string& row : rows_)
    bytes_ += cost(row);
}

void ResultBuffer::forget_held() {
  held_.clear();
  bytes_ = 0;
  for (const std::string& row : rows_)
    bytes_ += cost(row);
}

void ResultBuffer::show(std::vector<std::string>& rows) {
  for (std::string& row : rows)
    rows_.push_back(std::move(row));
  rows.clear();
}

void ResultBuffer::cover(std::uint64_t checkpoint) {
  for (auto& [subtask, held] : held_) {
    const auto end = held.sealed.upper_bound(checkpoint);
    for (auto part = held.sealed.begin(); part != end; ++part)
      show(part->second);
    held.sealed.erase(held.sealed.begin(), end);
  }
}

void ResultBuffer::cover_all() {
  cover(kAllCheckpoints);
  for (auto& [subtask, held] : held_)
    show(held.open);
}

void ResultBuffer::save(std::uint64_t checkpoint,
                        google::protobuf::RepeatedPtrField<std::string>& into) const {
  for (const std::string& row : rows_)
    *into.Add() = row;
  for (const auto& [subtask, held] : held_) {
    for (const auto& [barrier, rows] : held.sealed) {
      if (barrier <= checkpoint)
        into.Add(rows.begin(), rows.end());
    }
    if (checkpoint == kAllCheckpoints)
      into.Add(held.open.begin(), held.open.end());
  }
}

bool ResultBuffer::sealed(std::uint32_t subtask, std::uint64_t checkpoint) const {
  const auto found = held_.find(subtask);
  return found != held_.end() && found->second.newest_barrier >= checkpoint;
}

void ResultBuffer::append(std::uint32_t subtask, const proto::CollectRows& batch) {
  Held* held = holds_rows() ? &held_[subtask] : nullptr;
  for (const std::string& row : batch.rows()) {
    bytes_ += cost(row);
    if (held == nullptr)
      rows_.push_back(row);
    else
      held->open.push_back(row);
  }
  if (held != nullptr && batch.before_barrier() > held->newest_barrier) {
    held->newest_barrier = batch.before_barrier();
    if (!held->open.empty())
      held->sealed[held->newest_barrier] = std::exchange(held->open, {});
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

std::map<std::uint32_t, std::uint32_t> ResultBuffer::take_credits(
    std::optional<std::uint64_t> barrier) {
  if (bytes_ < limit_bytes_)
    return std::exchange(owed_, {});
  std::map<std::uint32_t, std::uint32_t> given;
  for (auto owed = owed_.begin(); barrier && owed != owed_.end();) {
    if (sealed(owed->first, *barrier)) {
      ++owed;
      continue;
    }
    given.insert(*owed);
    owed = owed_.erase(owed);
  }
  return given;
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
