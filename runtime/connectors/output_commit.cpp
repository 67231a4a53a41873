#include "runtime/connectors/output_commit.hpp"

#include <filesystem>
#include <utility>

#include "runtime/base/quote_name.hpp"
#include "runtime/connectors/make_split_enumerator.hpp"
#include "runtime/connectors/output_directories.hpp"
#include "runtime/connectors/part_names.hpp"

namespace leat::runtime {

namespace {

/// What there is now of a commit; read again after a failed rename, for another may have committed.
struct CommitProgress {
  bool pending = false;
  bool visible = false;
};

Result<CommitProgress> look(FileSystem& files, const proto::FileCommit& commit) {
  const auto pending = files.exists(commit.pending_path());
  if (!pending)
    return pending.error();
  const auto visible = files.exists(commit.final_path());
  if (!visible)
    return visible.error();
  return CommitProgress{*pending, *visible};
}

std::string parent_of(const std::string& path) {
  const std::string parent = std::filesystem::path(path).parent_path().string();
  return parent.empty() ? "." : parent;
}

Result<void> commit_file(FileSystem& files, const proto::FileCommit& commit) {
  auto before = look(files, commit);
  if (!before)
    return before.error();
  if (before->pending) {
    auto renamed = files.rename(commit.pending_path(), commit.final_path());
    if (renamed)
      return renamed;
    before = look(files, commit);
    if (!before || before->pending)
      return renamed;
  }
  if (before->visible)
    return files.sync_directory(parent_of(commit.final_path()));
  return Error(ErrorKind::kIo, "finished output is lost: neither " +
                                   quote_name(commit.pending_path()) + " nor " +
                                   quote_name(commit.final_path()) +
                                   " exists; somebody removed it before it was committed");
}

}  // namespace

Result<PreparedJob> prepare_job(FileSystem& files, const proto::Plan& plan, const JobId& job,
                                std::uint32_t parallelism, const PrepareFrom& from) {
  PreparedJob prepared;
  for (const proto::SourceSpec& source : plan.sources()) {
    const auto listing = from.sources.contains(source.uid()) ? Listing::kRestored : Listing::kNew;
    auto enumerator = make_split_enumerator(files, source, parallelism, listing);
    if (!enumerator)
      return enumerator.error();
    prepared.enumerators.push_back(std::move(*enumerator));
  }
  auto nonces = prepare_output_directories(
      files, plan, job, from.checkpoint ? OldOutput::kKept : OldOutput::kRefused);
  if (!nonces)
    return nonces.error();
  prepared.output_nonces = std::move(*nonces);
  return prepared;
}

Result<void> commit_output(FileSystem& files, const proto::Committable& committable) {
  proto::FileCommit commit;
  if (committable.kind() != "text_directory" || !commit.ParseFromString(committable.handle()))
    return Error(ErrorKind::kProtocol, "output of sink " + quote_name(committable.sink_uid()) +
                                           " (" + committable.kind() +
                                           ") cannot be committed: its handle does not decode");
  return commit_file(files, commit);
}

void clean_outputs(FileSystem& files, const proto::Plan& plan, const JobId& job, Attempt attempt,
                   bool ended) {
  for (const proto::SinkSpec& sink : plan.sinks()) {
    if (sink.kind() != "text_directory")
      continue;
    const auto names = files.list(sink.path());
    if (!names)
      continue;
    for (const std::string& name : *names) {
      const auto written_by = attempt_of_pending_part(name, job);
      const bool in_progress = written_by && *written_by <= attempt;
      const bool nonce = ended && (name.starts_with(nonce_prefix(job)) ||
                                   name.starts_with("." + nonce_prefix(job)));
      // What cannot be removed is invisible, and harms nobody.
      if (in_progress || nonce)
        static_cast<void>(files.remove(path_in(sink.path(), name)));
    }
  }
}

Result<void> check_nonces(FileSystem& files, const std::vector<std::string>& nonces) {
  for (const std::string& nonce : nonces) {
    const auto there = files.exists(nonce);
    if (!there)
      return there.error();
    if (!*there)
      return Error(ErrorKind::kInput,
                   "the output directory " + quote_name(parent_of(nonce)) +
                       " is not the one that the JobManager sees: put it on storage that the "
                       "JobManager and all TaskManagers share under the same path");
  }
  return {};
}

}  // namespace leat::runtime
