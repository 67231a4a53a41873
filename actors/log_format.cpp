#include "actors/log_format.hpp"

#include <algorithm>
#include <cstdint>
#include <ctime>

#include <fmt/format.h>

namespace leat::actors {

namespace {

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

bool needs_quotes(std::string_view value) {
  return value.empty() || std::any_of(value.begin(), value.end(), [](char c) {
           return c == ' ' || c == '"' || c == '=' || c == '\\' || is_control(c);
         });
}

// JSON's escapes serve the text format too.
void append_escaped(std::string& out, char c) {
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      break;
  }
  if (is_control(c))
    out += fmt::format("\\u{:04x}", static_cast<unsigned char>(c));
  else
    out += c;
}

void append_text_value(std::string& out, std::string_view value) {
  if (!needs_quotes(value)) {
    out += value;
    return;
  }
  out += '"';
  for (char c : value)
    append_escaped(out, c);
  out += '"';
}

// Length of the valid UTF-8 sequence at the start of `text`, 0 if there is none. Overlong forms and
// surrogates pass: JSON readers accept or replace them, no reader loses its place.
std::size_t utf8_length(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  const std::size_t length = lead < 0x80           ? 1
                             : (lead >> 5) == 0x6  ? 2
                             : (lead >> 4) == 0xe  ? 3
                             : (lead >> 3) == 0x1e ? 4
                                                   : 0;
  if (length == 0 || length > text.size())
    return 0;
  for (std::size_t i = 1; i < length; ++i)
    if ((static_cast<unsigned char>(text[i]) & 0xc0U) != 0x80U)
      return 0;
  return length;
}

void append_json_string(std::string& out, std::string_view value) {
  out += '"';
  while (!value.empty()) {
    const std::size_t length = utf8_length(value);
    if (length == 0)
      out += "\xef\xbf\xbd";
    else if (length == 1)
      append_escaped(out, value.front());
    else
      out += value.substr(0, length);
    value.remove_prefix(std::max<std::size_t>(length, 1));
  }
  out += '"';
}

void append_json_member(std::string& out, std::string_view name, std::string_view value) {
  out += out.size() > 1 ? "," : "";
  append_json_string(out, name);
  out += ':';
  append_json_string(out, value);
}

}  // namespace

std::string_view level_name(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return "debug";
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kWarn:
      return "warn";
    case LogLevel::kError:
      return "error";
  }
  return "error";
}

std::string format_text(const LogEvent& event, std::string_view timestamp) {
  std::string line = fmt::format("{} {} {} event={}", timestamp, level_name(event.level),
                                 event.component, event.event);
  for (const auto& [name, value] : event.fields) {
    line += ' ';
    line += name;
    line += '=';
    append_text_value(line, value);
  }
  return line;
}

std::string format_json(const LogEvent& event, std::string_view timestamp) {
  std::string line = "{";
  append_json_member(line, "time", timestamp);
  append_json_member(line, "level", level_name(event.level));
  append_json_member(line, "component", event.component);
  append_json_member(line, "event", event.event);
  for (const auto& [name, value] : event.fields)
    append_json_member(line, name, value);
  return line + "}";
}

std::string format_timestamp(std::int64_t unix_ms) {
  const auto seconds = static_cast<std::time_t>(unix_ms / 1000);
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", utc.tm_year + 1900,
                     utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec,
                     unix_ms % 1000);
}

}  // namespace leat::actors
