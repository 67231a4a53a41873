#pragma once

// Writes Prometheus' text format 0.0.4: HELP and TYPE of a metric before its first sample, labels escaped.
// Single-threaded. Precondition: the samples of one metric are added one after the other.

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "runtime/metrics/metric.hpp"

namespace leat::runtime {

class PrometheusText {
 public:
  static constexpr std::string_view kContentType = "text/plain; version=0.0.4; charset=utf-8";

  using Labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

  /// `name` is in the table of metrics.
  void add(std::string_view name, Labels labels, std::uint64_t value);
  void add(std::string_view name, Labels labels, double value);

  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  void add_line(std::string_view name, Labels labels, std::string_view value);

  std::string text_;
  std::string_view current_;  // the metric whose HELP stands
};

}  // namespace leat::runtime
