#include "runtime/connectors/part_names.hpp"

#include <algorithm>
#include <charconv>

namespace leat::runtime {

namespace {

constexpr std::size_t kMostUidChars = 64;

bool is_safe(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/// One component of a name, whatever the uid holds.
std::string safe_uid(std::string_view uid) {
  std::string safe(uid.substr(0, kMostUidChars));
  std::replace_if(
      safe.begin(), safe.end(), [](char c) { return !is_safe(c); }, '_');
  return safe;
}

std::string pending_prefix(const JobId& job) {
  return ".part-" + job.hex() + "-";
}

/// Cuts "-<number>" off the end of a name.
template <class Number>
std::optional<Number> cut_number(std::string_view& name) {
  const std::size_t dash = name.rfind('-');
  if (dash == std::string_view::npos)
    return std::nullopt;
  const std::string_view digits = name.substr(dash + 1);
  Number number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc() || end != digits.data() + digits.size())
    return std::nullopt;
  name = name.substr(0, dash);
  return number;
}

}  // namespace

std::string pending_part_name(const PartWriter& writer, std::uint64_t number) {
  return pending_prefix(writer.job) + safe_uid(writer.sink_uid) + "-" +
         std::to_string(writer.subtask) + "-" +
         std::to_string(static_cast<std::uint32_t>(writer.attempt)) + "-" + std::to_string(number);
}

std::string final_part_name(std::uint32_t subtask, std::uint64_t checkpoint) {
  return "part-" + std::to_string(subtask) + "-" + std::to_string(checkpoint);
}

std::optional<Attempt> attempt_of_pending_part(std::string_view name, const JobId& job) {
  if (!name.starts_with(pending_prefix(job)))
    return std::nullopt;
  if (!cut_number<std::uint64_t>(name))
    return std::nullopt;
  const auto attempt = cut_number<std::uint32_t>(name);
  if (!attempt || !cut_number<std::uint32_t>(name))
    return std::nullopt;
  return Attempt{*attempt};
}

std::string nonce_prefix(const JobId& job) {
  return ".nonce-" + job.hex() + "-";
}

std::string nonce_name(const JobId& job, std::string_view sink_uid) {
  return nonce_prefix(job) + safe_uid(sink_uid);
}

std::string path_in(const std::string& directory, const std::string& name) {
  return directory.ends_with('/') ? directory + name : directory + "/" + name;
}

}  // namespace leat::runtime
