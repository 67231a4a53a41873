#include "actors/actor_job_client.hpp"

#include <chrono>
#include <cstdint>
#include <span>
#include <utility>

#include "actors/artefact_store.hpp"
#include "actors/sha256_stream.hpp"
#include "runtime/coordination/error_info.hpp"

namespace leat::actors {

namespace {

/// For answers that follow a synced write, on a slow disk.
constexpr std::chrono::seconds kAnswerTimeout{30};
/// Beyond what the JobManager was asked to wait.
constexpr std::chrono::seconds kWaitMargin{5};
/// Times a piece is sent although the JobManager does not move on.
constexpr int kMostRepeats = 3;

std::uint32_t milliseconds(Duration duration) {
  return static_cast<std::uint32_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(duration).count());
}

/// The answer, or the error it carries.
template <class Reply>
Result<Reply> opened(Result<Reply> answer) {
  if (answer && runtime::is_error(answer->error()))
    return runtime::to_error(answer->error());
  return answer;
}

template <class Reply>
Result<void> outcome_of(const Result<Reply>& answer) {
  return answer ? runtime::to_result(answer->error()) : Result<void>(answer.error());
}

struct Digest {
  std::string sha256;
  std::uint64_t size = 0;
};

Result<Digest> digest_of(ReadableFile& file) {
  Sha256Stream hash;
  Digest digest;
  std::string piece(kArtefactPieceBytes, '\0');
  for (;;) {
    auto read = file.read_at(digest.size, std::span(piece.data(), piece.size()));
    if (!read)
      return read.error();
    if (*read == 0)
      break;
    hash.add(std::string_view(piece.data(), *read));
    digest.size += *read;
  }
  digest.sha256 = hash.finish();
  return digest;
}

}  // namespace

Result<void> ActorJobClient::connect() {
  return connection_.connect();
}

Result<std::string> ActorJobClient::upload(const std::string& path) {
  auto file = files_.open_for_read(path);
  if (!file)
    return file.error();
  auto digest = digest_of(**file);
  if (!digest)
    return digest.error();
  if (digest->size == 0)
    return Error(ErrorKind::kInput, path + " is empty: a job object is expected");
  if (auto sent = send_pieces(**file, digest->sha256, digest->size); !sent)
    return sent.error();
  return digest->sha256;
}

Result<void> ActorJobClient::send_pieces(ReadableFile& file, const std::string& sha256,
                                         std::uint64_t size) {
  proto::PutArtefact piece;
  piece.set_sha256(sha256);
  piece.set_total_bytes(size);
  std::string bytes;
  int repeats = 0;
  for (;;) {
    // The first piece is empty: it asks how much is there.
    auto reply = opened(connection_.ask<proto::PutArtefactReply>(piece, kAnswerTimeout));
    if (!reply)
      return reply.error();
    const std::uint64_t next = reply->next_offset();
    if (next >= size)
      return {};
    repeats = next <= piece.offset() && !piece.data().empty() ? repeats + 1 : 0;
    if (repeats > kMostRepeats)
      return Error(ErrorKind::kIo,
                   "the JobManager does not take the job object: it stays at byte " +
                       std::to_string(next) + " of " + std::to_string(size));
    bytes.resize(kArtefactPieceBytes);
    auto read = file.read_at(next, std::span(bytes.data(), bytes.size()));
    if (!read)
      return read.error();
    bytes.resize(*read);
    piece.set_offset(next);
    piece.set_data(bytes);
  }
}

Result<void> ActorJobClient::submit(const proto::SubmitJob& job) {
  return outcome_of(connection_.ask<proto::SubmitReply>(job, kAnswerTimeout));
}

Result<proto::JobStatus> ActorJobClient::watch(const JobId& job, std::uint64_t known_version,
                                               Duration max_wait) {
  proto::WatchJob request;
  request.set_job_id(job.hex());
  request.set_known_version(known_version);
  request.set_max_wait_ms(milliseconds(max_wait));
  return opened(connection_.ask<proto::JobStatus>(request, max_wait + kWaitMargin));
}

Result<proto::ResultBatch> ActorJobClient::fetch(const proto::FetchResults& request) {
  const auto max_wait = std::chrono::milliseconds(request.max_wait_ms());
  return opened(connection_.ask<proto::ResultBatch>(request, max_wait + kWaitMargin));
}

Result<proto::JobList> ActorJobClient::list(const proto::ListJobs& request) {
  return connection_.ask<proto::JobList>(request, kAnswerTimeout);
}

Result<void> ActorJobClient::cancel(const JobId& job) {
  proto::CancelJob request;
  request.set_job_id(job.hex());
  return outcome_of(connection_.ask<proto::CancelReply>(request, kAnswerTimeout));
}

Result<proto::SavepointReply> ActorJobClient::savepoint(const proto::TriggerSavepoint& request) {
  const auto max_wait = std::chrono::milliseconds(request.max_wait_ms());
  return opened(connection_.ask<proto::SavepointReply>(request, max_wait + kWaitMargin));
}

Result<void> ActorJobClient::rescale(const proto::RescaleJob& request) {
  return outcome_of(connection_.ask<proto::RescaleReply>(request, kAnswerTimeout));
}

Result<proto::CheckpointList> ActorJobClient::checkpoints(const JobId& job) {
  proto::ListCheckpoints request;
  request.set_job_id(job.hex());
  return opened(connection_.ask<proto::CheckpointList>(request, kAnswerTimeout));
}

}  // namespace leat::actors
