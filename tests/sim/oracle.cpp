#include "tests/sim/oracle.hpp"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <map>
#include <set>
#include <sstream>

#include "runtime/checkpointing/pieces.hpp"
#include "runtime/coordination/job_state.hpp"

namespace leat::sim {

namespace {

std::string some_of(const std::vector<std::string>& lines) {
  std::string text;
  for (std::size_t i = 0; i < std::min<std::size_t>(lines.size(), 5); ++i)
    text += (i == 0 ? "'" : ", '") + lines[i] + "'";
  return text + (lines.size() > 5 ? ", …" : "");
}

/// Elements of `a` beyond those of `b`; both sorted.
std::vector<std::string> beyond(const std::vector<std::string>& a,
                                const std::vector<std::string>& b) {
  std::vector<std::string> more;
  std::set_difference(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(more));
  return more;
}

}  // namespace

void Oracle::check_ending(const proto::JobStatus& status, bool may_be_cancelled, bool may_fail) {
  const bool as_wanted =
      status.state() == proto::JOB_FINISHED ||
      (may_be_cancelled && status.state() == proto::JOB_CANCELED) ||
      (may_fail && status.state() == proto::JOB_FAILED && !status.failure().message().empty());
  if (!as_wanted)
    violate_("the job ended " + std::string(runtime::state_name(status.state())) + ": " +
             status.failure().message());
}

void Oracle::check_given_up(const proto::JobStatus& status, const proto::JobStatus& later) {
  if (status.state() != proto::JOB_FAILED || status.failure().message().empty())
    return violate_("a job that throws for ever ended " +
                    std::string(runtime::state_name(status.state())) + ": " +
                    status.failure().message());
  if (later.state() != status.state() || later.failure().message() != status.failure().message())
    violate_("another JobManager says of it " + later.ShortDebugString());
  const SimMetaStore& store = cluster_.job_manager().store();
  proto::StoredCheckpoint newest;
  for (const auto& [key, value] : store.values()) {
    if (key.starts_with("job/" + status.job_id() + "/checkpoint/"))
      newest.ParseFromString(value);
  }
  if (status.completed_checkpoints() > 0 && newest.info().id() == 0)
    return violate_("it failed and has not kept its newest checkpoint");
  const auto ids = cluster_.job_manager().chunks().ids();
  const std::set<ChunkId> there(ids.begin(), ids.end());
  for (const ChunkId chunk : runtime::chunks_of(newest)) {
    if (!there.contains(chunk))
      violate_("chunk " + to_string(chunk) + " of the checkpoint that it keeps is gone");
  }
}

void Oracle::check_replaced(const SimJobParameters& first, const SimJobParameters& second,
                            bool allowed) {
  std::map<std::uint64_t, std::uint64_t> of_key;
  for (const std::string& line : lines_in(first.output))
    ++of_key[std::stoull(line)];
  if (!of_key.empty() && !allowed)
    violate_("counts were dropped, and nobody said -n");
  for (const std::string& line : lines_in(second.output))
    ++of_key[std::stoull(line) % second.keys];
  for (std::uint64_t key = 0; key < first.keys; ++key) {
    const std::uint64_t all = (first.records + first.keys - 1 - key) / first.keys;
    if (of_key[key] != all)
      violate_("of " + std::to_string(all) + " numbers of key " + std::to_string(key) +
               " there are " + std::to_string(of_key[key]) + " in the two jobs' output");
  }
}

std::vector<std::string> Oracle::lines_in(const std::string& directory) const {
  const test::MemoryFileSystem& files = cluster_.storage();
  std::vector<std::string> lines;
  std::istringstream names(files.names(directory));
  for (std::string name; names >> name;) {
    std::istringstream text(
        name.starts_with("part-") ? files.bytes(directory + "/" + name).value_or("") : "");
    for (std::string line; std::getline(text, line);)
      lines.push_back(line);
  }
  return lines;
}

void Oracle::check_output(const SimOutput& expected, OutputMatch match, bool hidden_may_stay) {
  const test::MemoryFileSystem& files = cluster_.storage();
  for (const auto& [directory, lines] : expected) {
    std::istringstream names(files.names(directory));
    for (std::string name; names >> name;) {
      if (!name.starts_with("part-") && (!hidden_may_stay || !name.starts_with(".")))
        violate_(directory + "/" + name + " is left behind");
    }
    compare(directory, lines, lines_in(directory), match);
  }
}

/// Counts of a key go on from where they were: what is there has no gap up to the last one.
void Oracle::check_last_ones(const std::string& place, const std::vector<std::string>& expected,
                             const std::vector<std::string>& found) {
  using Counts = std::map<std::string, std::set<std::uint64_t>>;
  const auto counts = [](const std::vector<std::string>& lines) {
    Counts all;
    for (const std::string& line : lines) {
      const std::size_t tab = line.find('\t');
      all[line.substr(0, tab)].insert(std::stoull(line.substr(tab + 1)));
    }
    return all;
  };
  const Counts all = counts(expected);
  for (const auto& [key, last] : counts(found)) {
    const std::uint64_t highest = *last.rbegin();
    if (highest != *all.at(key).rbegin() || highest - *last.begin() + 1 != last.size())
      violate_("in " + place + " key " + key + " goes from " + std::to_string(*last.begin()) +
               " to " + std::to_string(highest) + " in " + std::to_string(last.size()) +
               " lines; the last is " + std::to_string(*all.at(key).rbegin()));
  }
}

void Oracle::check_rows(std::vector<std::string> expected, std::vector<std::string> rows,
                        OutputMatch match) {
  compare(kRows, std::move(expected), std::move(rows), match);
}

void Oracle::compare(const std::string& place, std::vector<std::string> expected,
                     std::vector<std::string> found, OutputMatch match) {
  std::sort(found.begin(), found.end());
  if (match == OutputMatch::kLastOnes)
    check_last_ones(place, expected, found);
  const auto missing = beyond(expected, found);
  const auto surplus = beyond(found, expected);
  if (!missing.empty() && match != OutputMatch::kNoMoreThan && match != OutputMatch::kLastOnes)
    violate_(std::to_string(missing.size()) + " records are missing in " + place + ": " +
             some_of(missing));
  if (!surplus.empty() && match != OutputMatch::kAtLeast)
    violate_(std::to_string(surplus.size()) + " records too many in " + place + ": " +
             some_of(surplus));
}

void Oracle::check_leaving(const std::vector<const SimTaskManager*>& leavers,
                           const proto::JobStatus& status) {
  for (const SimTaskManager* leaver : leavers) {
    if (!leaver->left())
      violate_(leaver->id() + " was told to leave and has not");
  }
  if (status.restarts() > 0)
    violate_("leaving counted as " + std::to_string(status.restarts()) +
             " failures: " + status.failure().message());
  std::string kind = "none";  // of the newest complete checkpoint
  for (const LogEvent& line : cluster_.job_manager().log()) {
    std::map<std::string, std::string> fields(line.fields.begin(), line.fields.end());
    if (line.event == "taskmanager_lost")
      violate_(fields["taskmanager"] + " was lost: " + fields["reason"]);
    if (line.event == "checkpoint_completed")
      kind = fields["kind"];
    if (line.event == "move" && fields["after"] == "RUNNING" && kind != "rescale")
      violate_("a running job has moved without a checkpoint of its own; the newest is " + kind);
  }
}

void Oracle::check_nothing_left() {
  for (std::size_t index = 0; index < cluster_.size(); ++index) {
    const SimTaskManager& task_manager = cluster_.task_manager(index);
    if (task_manager.slots_in_use() > 0)
      violate_(task_manager.id() + " still holds " + std::to_string(task_manager.slots_in_use()) +
               " slots");
  }
  if (cluster_.job_manager().requests_open() > 0)
    violate_(std::to_string(cluster_.job_manager().requests_open()) +
             " requests were never answered");
}

void Oracle::check_no_checkpoint_left() {
  for (const auto& [key, value] : cluster_.job_manager().store().values()) {
    if (!key.ends_with("/status") && !key.ends_with("/clean-up"))
      violate_("the entry " + key + " is left behind");
  }
  const auto chunks = cluster_.job_manager().chunks().ids();
  if (!chunks.empty())
    violate_(std::to_string(chunks.size()) + " chunks are left behind, among them " +
             to_string(chunks.front()));
}

}  // namespace leat::sim
