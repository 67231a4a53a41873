#include "cli/checkpoint_text.hpp"

#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "cli/text_format.hpp"

namespace leat::cli {

namespace {

std::string without(std::string_view prefix, std::string_view name) {
  return std::string(name.starts_with(prefix) ? name.substr(prefix.size()) : "UNKNOWN");
}

std::string kind_name(proto::CheckpointKind kind) {
  return without("CHECKPOINT_", proto::CheckpointKind_Name(kind));
}

std::string status_name(proto::CheckpointStatus status) {
  return without("CHECKPOINT_", proto::CheckpointStatus_Name(status));
}

/// What else is to be known: why it failed, where a savepoint lies, whether it may be restored from.
std::string note(const proto::CheckpointInfo& info, std::uint64_t restored) {
  if (!info.failure().empty())
    return info.failure();
  std::string text = info.path();
  const auto add = [&text](std::string_view word) {
    text += text.empty() ? "" : ", ";
    text += word;
  };
  if (info.retained())
    add("retained");
  if (info.id() == restored)
    add("restored from");
  return text.empty() ? "-" : text;
}

std::vector<std::string> row(const proto::CheckpointInfo& info, std::uint64_t restored) {
  return {std::to_string(info.id()),
          kind_name(info.kind()),
          status_name(info.status()),
          format_bytes(info.state_bytes()),
          format_bytes(info.sent_bytes()),
          format_duration_ms(info.duration_ms()),
          format_duration_ms(info.alignment_ms()) + (info.unaligned() ? ", unaligned" : ""),
          fmt::format("{} of {}", info.acknowledged(), info.subtasks()),
          format_unix_ms(info.trigger_time_ms()),
          note(info, restored)};
}

std::string json_object(const proto::CheckpointInfo& info) {
  return fmt::format(
      "{{\"id\": {}, \"kind\": \"{}\", \"status\": \"{}\", \"trigger_time_ms\": {}, "
      "\"duration_ms\": {}, \"state_bytes\": {}, \"sent_bytes\": {}, \"alignment_ms\": {}, "
      "\"unaligned\": {}, \"acknowledged\": {}, \"subtasks\": {}, \"retained\": {}, \"failure\": "
      "{}, \"path\": {}}}",
      info.id(), kind_name(info.kind()), status_name(info.status()), info.trigger_time_ms(),
      info.duration_ms(), info.state_bytes(), info.sent_bytes(), info.alignment_ms(),
      info.unaligned(), info.acknowledged(), info.subtasks(), info.retained(),
      json_string(info.failure()), json_string(info.path()));
}

}  // namespace

std::string checkpoint_table(const proto::CheckpointList& list) {
  std::vector<std::vector<std::string>> rows{{"ID", "KIND", "STATUS", "STATE", "SENT", "DURATION",
                                              "ALIGNMENT", "ACKNOWLEDGED", "STARTED", "NOTE"}};
  for (const proto::CheckpointInfo& info : list.checkpoints())
    rows.push_back(row(info, list.restored()));
  return format_table(rows);
}

std::string checkpoints_json(const proto::CheckpointList& list) {
  std::string objects;
  for (const proto::CheckpointInfo& info : list.checkpoints())
    objects += (objects.empty() ? "\n  " : ",\n  ") + json_object(info);
  return fmt::format("{{\"restored\": {}, \"checkpoints\": [{}]}}\n", list.restored(), objects);
}

}  // namespace leat::cli
