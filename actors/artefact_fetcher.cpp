#include "actors/artefact_fetcher.hpp"

#include <chrono>
#include <utility>

#include "actors/error_text.hpp"
#include "runtime/coordination/error_info.hpp"

namespace leat::actors {

namespace {

/// For one piece of 1 MiB, over a slow network or to a slow disk.
constexpr std::chrono::seconds kPieceTimeout{30};

Error fetch_error(const std::string& sha256, const std::string& reason) {
  return Error(ErrorKind::kUnreachable,
               "the job object " + sha256 + " cannot be fetched from the JobManager: " + reason);
}

}  // namespace

void ArtefactFetcher::fetch(const std::string& sha256, const job_manager_actor& job_manager,
                            Done done) {
  const Fetch fetch{sha256, job_manager, std::move(done)};
  proto::GetArtefact look;
  look.set_sha256(sha256);
  self_->request(store_, kPieceTimeout, std::move(look))
      .then(
          [this, fetch](const proto::ArtefactChunk& present) {
            if (runtime::is_error(present.error()))
              request_piece(fetch, 0);
            else
              fetch.done({});
          },
          [fetch](const caf::error& error) {
            fetch.done(Error(ErrorKind::kIo, "the store of job objects: " + error_text(error)));
          });
}

void ArtefactFetcher::request_piece(const Fetch& fetch, std::uint64_t offset) {
  if (!fetch.job_manager)
    return fetch.done(fetch_error(fetch.sha256, "there is no connection"));
  proto::GetArtefact request;
  request.set_sha256(fetch.sha256);
  request.set_offset(offset);
  self_->request(fetch.job_manager, kPieceTimeout, std::move(request))
      .then(
          [this, fetch](const proto::ArtefactChunk& chunk) {
            if (runtime::is_error(chunk.error()))
              fetch.done(runtime::to_error(chunk.error()));
            else
              store_piece(fetch, chunk);
          },
          [fetch](const caf::error& error) {
            fetch.done(fetch_error(fetch.sha256, error_text(error)));
          });
}

void ArtefactFetcher::store_piece(const Fetch& fetch, const proto::ArtefactChunk& chunk) {
  proto::PutArtefact piece;
  piece.set_sha256(fetch.sha256);
  piece.set_total_bytes(chunk.total_bytes());
  piece.set_offset(chunk.offset());
  piece.set_data(chunk.data());
  // An empty piece would be asked for again and again.
  if (chunk.data().empty())
    return fetch.done(fetch_error(fetch.sha256, "it ends early"));
  self_->request(store_, kPieceTimeout, std::move(piece))
      .then(
          [this, fetch, total = chunk.total_bytes()](const proto::PutArtefactReply& reply) {
            if (runtime::is_error(reply.error()))
              fetch.done(runtime::to_error(reply.error()));
            else if (reply.next_offset() >= total)
              fetch.done({});
            else
              request_piece(fetch, reply.next_offset());
          },
          [fetch](const caf::error& error) {
            fetch.done(Error(ErrorKind::kIo, "the store of job objects: " + error_text(error)));
          });
}

}  // namespace leat::actors
