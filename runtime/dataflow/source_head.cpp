#include "runtime/dataflow/source_head.hpp"

namespace leat::runtime {

bool SourceHead::wants_split() {
  if (requested_ || no_more_ || stopped_ || !queued_.empty())
    return false;
  requested_ = true;
  return true;
}

void SourceHead::grant(const proto::SplitGrant& grant) {
  requested_ = false;
  no_more_ = no_more_ || grant.no_more();
  queued_.insert(queued_.end(), grant.splits().begin(), grant.splits().end());
}

void SourceHead::note_trigger() {
  at_trigger_ = driver_->remaining();
  at_trigger_.insert(at_trigger_.end(), queued_.begin(), queued_.end());
}

Result<SourceHead::Polled> SourceHead::poll(const PollBudget& budget) {
  Polled result;
  if (needs_split_ && !queued_.empty()) {
    if (auto added = driver_->add_split(queued_.front()); !added)
      return added.error();
    queued_.pop_front();
    needs_split_ = false;
    result.progress = true;
  }
  if (stopped_ || needs_split_ || budget.now < wait_until_)
    return result;
  const auto polled = driver_->poll(budget);
  if (!polled)
    return polled.error();
  result.records = polled->records;
  result.progress = result.progress || polled->records > 0;
  wait_until_ = Time::min();
  switch (polled->next) {
    case PollOutcome::Next::kMore:
      result.progress = true;
      break;
    case PollOutcome::Next::kNeedSplit:
      needs_split_ = true;
      result.progress = true;
      break;
    case PollOutcome::Next::kWait:
      wait_until_ = polled->until;
      break;
  }
  return result;
}

}  // namespace leat::runtime
