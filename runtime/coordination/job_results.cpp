#include "runtime/coordination/job_results.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

#include "runtime/base/mutation.hpp"
#include "runtime/coordination/error_info.hpp"

namespace leat::runtime {

namespace {

bool has_collect_sink(const proto::Plan& plan) {
  return std::any_of(plan.sinks().begin(), plan.sinks().end(),
                     [](const proto::SinkSpec& sink) { return sink.kind() == "collect"; });
}

void send_credit(const JobServices& services, const SubtaskKey& subtask, Incarnation to,
                 std::uint32_t batches, JobManagerStep& step) {
  proto::CollectCredit credit;
  *credit.mutable_ref() = to_ref(services.epoch, subtask);
  credit.set_batches(batches);
  step.send(to, std::move(credit));
}

}  // namespace

JobResults::JobResults(JobServices& services, JobId job, const proto::SubmitJob& submission,
                       bool continuous, Time now)
    : services_(services),
      job_(job),
      collects_(has_collect_sink(submission.plan())),
      attached_(submission.attached()),
      buffer_(services.options.collect_buffer_bytes),
      client_seen_(now) {
  if (continuous && collects_)
    buffer_.hold_rows(0);
}

void JobResults::recover(Attempt label, std::uint64_t first_row,
                         const google::protobuf::RepeatedPtrField<std::string>& rows,
                         std::uint64_t unconfirmed) {
  if (continuous())
    buffer_.hold_rows(first_row, rows);
  else if (collects_ && number(label) != 0 && !LEAT_MUTATION(rows_label_forgotten))
    buffer_.resume(label, first_row, rows, unconfirmed);
}

void JobResults::restart(Attempt attempt, bool resumed, JobManagerStep& step) {
  // Without checkpoints by time rows may come twice after one taken for another reason, but never less
  // than once.
  buffer_.restart(resumed && number(label()) != 0 ? label() : attempt);
  barrier_.reset();
  if (continuous() || label() != attempt)
    return;
  for (const auto& waiting : fetches_.take(step.now, [](const Query&) { return true; }))
    answer(waiting.request, Query{}, step);
}

void JobResults::collect(std::uint32_t subtask, const proto::CollectRows& rows,
                         const JobAttempt& attempt, JobManagerStep& step) {
  if (!attached_) {
    if (!std::exchange(discarded_, true))
      step.log(LogLevel::kWarn, "results_discarded",
               {{"job", job_.hex()}, {"reason", "no client is attached to a job that collects"}});
    send_credit(services_, {job_, attempt.attempt(), subtask}, attempt.task_manager_of(subtask), 1,
                step);
    return;
  }
  buffer_.append(subtask, rows);
  give_credits(attempt, step);
  tick(step);
}

void JobResults::checkpoint_begins(std::uint64_t checkpoint, const JobAttempt& attempt,
                                   JobManagerStep& step) {
  if (!continuous())
    return;
  barrier_ = checkpoint;
  give_credits(attempt, step);
}

void JobResults::checkpoint_complete(std::uint64_t checkpoint, const JobAttempt* running,
                                     JobManagerStep& step) {
  if (!continuous())
    return;
  barrier_.reset();
  buffer_.cover(checkpoint);
  if (running != nullptr)
    give_credits(*running, step);
  tick(step);
}

template <class Stored>
void JobResults::save_rows(std::uint64_t checkpoint, Stored& into) const {
  if (!collects_)
    return;
  if (!continuous()) {
    into.set_rows_attempt(number(label()));
    into.set_unconfirmed_rows(buffer_.unconfirmed());
  }
  into.set_first_row(buffer_.released());
  buffer_.save(checkpoint, *into.mutable_rows());
}

void JobResults::save(std::uint64_t checkpoint, proto::StoredCheckpoint& into) const {
  save_rows(checkpoint, into);
}

void JobResults::save_all(proto::StoredCommit& into) const {
  save_rows(ResultBuffer::kAllCheckpoints, into);
}

void JobResults::release_all(JobManagerStep& step) {
  if (!continuous())
    return;
  buffer_.cover_all();
  tick(step);
}

void JobResults::give_credits(const JobAttempt& attempt, JobManagerStep& step) {
  for (const auto& [subtask, batches] : buffer_.take_credits(barrier_)) {
    // Rows that were released may be of an attempt with more subtasks.
    if (subtask >= attempt.parallelism())
      continue;
    send_credit(services_, {job_, attempt.attempt(), subtask}, attempt.task_manager_of(subtask),
                batches, step);
  }
}

Result<JobResults::Query> JobResults::resolve(const proto::FetchResults& fetch) const {
  const std::uint32_t current = number(buffer_.attempt());
  if (fetch.attempt() != current && fetch.attempt() != 0)
    return Query{0};
  if (fetch.offset() >= buffer_.released() && fetch.offset() <= buffer_.total())
    return Query{fetch.offset()};
  return Error(ErrorKind::kUsage, "job " + job_.hex() + " holds rows " +
                                      std::to_string(buffer_.released()) + " to " +
                                      std::to_string(buffer_.total()) + whose() + ", not row " +
                                      std::to_string(fetch.offset()) +
                                      ": rows before it were fetched already, by this client or "
                                      "another one");
}

std::string JobResults::whose() const {
  return continuous() ? "" : " of attempt " + std::to_string(number(buffer_.attempt()));
}

void JobResults::fetch(RequestId request, const proto::FetchResults& fetch,
                       const JobAttempt* running, JobManagerStep& step) {
  client_seen(step.now);
  if (fetch.attempt() == number(label()))
    buffer_.align(fetch.offset());
  auto query = resolve(fetch);
  // What another attempt's reader finds at row 0 may have been released to somebody else.
  if (query && query->offset < buffer_.released())
    query = Error(ErrorKind::kUsage, "job " + job_.hex() + " has another client that fetches");
  if (!query) {
    proto::ResultBatch refused;
    *refused.mutable_error() = to_error_info(query.error());
    step.reply(request, std::move(refused));
    return;
  }
  buffer_.release(query->offset);
  if (running != nullptr)
    give_credits(*running, step);
  const bool other_attempt = fetch.attempt() != 0 && fetch.attempt() != number(buffer_.attempt());
  if (other_attempt) {
    answer(request, *query, step);
    return;
  }
  const Duration wait = std::min<Duration>(std::chrono::milliseconds(fetch.max_wait_ms()),
                                           services_.options.longest_poll);
  fetches_.add({request, *query, step.now + wait});
  tick(step);
}

void JobResults::answer(RequestId request, const Query& query, JobManagerStep& step) const {
  proto::ResultBatch batch;
  batch.set_attempt(number(buffer_.attempt()));
  batch.set_offset(query.offset);
  // A fetch that waited while another one released rows gets what follows them.
  if (query.offset >= buffer_.released())
    buffer_.copy_rows(query.offset, batch);
  step.reply(request, std::move(batch));
}

void JobResults::end(JobManagerStep& step) {
  for (const auto& waiting : fetches_.take(step.now, [](const Query&) { return true; })) {
    proto::ResultBatch batch;
    batch.set_attempt(number(buffer_.attempt()));
    batch.set_offset(waiting.query.offset);
    batch.set_end(true);
    step.reply(waiting.request, std::move(batch));
  }
}

void JobResults::tick(JobManagerStep& step) {
  const auto answerable = [this](const Query& query) { return query.offset < buffer_.total(); };
  for (const auto& waiting : fetches_.take(step.now, answerable)) {
    client_seen(step.now);
    answer(waiting.request, waiting.query, step);
  }
}

Time JobResults::client_gone_at() const {
  if (!collects_ || !attached_ || !fetches_.empty())
    return Time::max();
  return client_seen_ + services_.options.client_timeout;
}

}  // namespace leat::runtime
