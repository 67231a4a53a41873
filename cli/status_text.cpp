#include "cli/status_text.hpp"

#include <vector>

#include <fmt/format.h>

#include "cli/text_format.hpp"

namespace leat::cli {

namespace {

std::string table_subtasks(const proto::JobStatus& status) {
  return has_ended(status.state()) ? "-" : subtasks_text(status);
}

std::vector<std::string> table_row(const proto::JobStatus& status) {
  return {status.job_id(),
          status.name(),
          state_name(status.state()),
          table_subtasks(status),
          format_unix_ms(status.start_time_ms()),
          format_duration_ms(status.duration_ms())};
}

}  // namespace

std::string state_name(proto::JobState state) {
  constexpr std::string_view kPrefix = "JOB_";
  const std::string& name = proto::JobState_Name(state);
  return name.size() > kPrefix.size() ? name.substr(kPrefix.size()) : "UNKNOWN";
}

bool has_ended(proto::JobState state) {
  return state == proto::JOB_FINISHED || state == proto::JOB_CANCELED || state == proto::JOB_FAILED;
}

std::string subtasks_text(const proto::JobStatus& status) {
  std::string text =
      fmt::format("running {} of {}", status.running_subtasks(), status.requested_parallelism());
  if (status.waiting_subtasks() > 0)
    text += fmt::format(", {} waiting for slots", status.waiting_subtasks());
  return text;
}

std::string progress_text(const proto::JobStatus& status, double records_per_second) {
  return fmt::format("{}, {}, {} records read ({}/s), {}", state_name(status.state()),
                     subtasks_text(status), format_count(static_cast<double>(status.records_in())),
                     format_count(records_per_second), format_duration_ms(status.duration_ms()));
}

std::string job_table(std::span<const proto::JobStatus* const> jobs) {
  if (jobs.empty())
    return "";
  std::vector<std::vector<std::string>> rows{
      {"JOB ID", "NAME", "STATE", "SUBTASKS", "STARTED", "RUN TIME"}};
  for (const proto::JobStatus* job : jobs)
    rows.push_back(table_row(*job));
  return format_table(rows);
}

}  // namespace leat::cli
