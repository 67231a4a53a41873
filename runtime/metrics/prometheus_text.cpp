#include "runtime/metrics/prometheus_text.hpp"

#include <charconv>
#include <string>

namespace leat::runtime {

namespace {

std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == '\n')
      result += "\\n";
    else if (c == '\\' || c == '"')
      result += {'\\', c};
    else
      result += c;
  }
  return result;
}

}  // namespace

void PrometheusText::add(std::string_view name, Labels labels, std::uint64_t value) {
  add_line(name, labels, std::to_string(value));
}

void PrometheusText::add(std::string_view name, Labels labels, double value) {
  char digits[32];
  const auto written = std::to_chars(std::begin(digits), std::end(digits), value);
  add_line(name, labels, {digits, static_cast<std::size_t>(written.ptr - digits)});
}

void PrometheusText::add_line(std::string_view name, Labels labels, std::string_view value) {
  const Metric& known = metric(name);
  if (current_ != known.name) {
    current_ = known.name;
    text_ += "# HELP " + std::string(name) + " " + std::string(known.help) + "\n";
    text_ += "# TYPE " + std::string(name) + " " + std::string(type_name(known.type)) + "\n";
  }
  text_ += name;
  char separator = '{';
  for (const auto& [label, content] : labels) {
    text_ += separator + std::string(label) + "=\"" + escaped(content) + "\"";
    separator = ',';
  }
  if (separator == ',')
    text_ += '}';
  text_ += " " + std::string(value) + "\n";
}

}  // namespace leat::runtime
