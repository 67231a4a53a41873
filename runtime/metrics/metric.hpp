#pragma once

// One metric as Prometheus knows it, and the table of all there are: the only place where a name, its
// type and its help stand. docs/metrics.md is compared with it.

#include <span>
#include <string_view>

namespace leat::runtime {

enum class MetricType { kCounter, kGauge };

struct Metric {
  std::string_view name;
  MetricType type;
  std::string_view labels;  ///< names, for people: "job, name"
  std::string_view help;
};

/// "counter", "gauge".
[[nodiscard]] std::string_view type_name(MetricType type);

/// In the order of the pages: every process, JobManager, its jobs, TaskManager, its subtasks.
[[nodiscard]] std::span<const Metric> metric_table();
/// Precondition: it is in the table.
[[nodiscard]] const Metric& metric(std::string_view name);

}  // namespace leat::runtime
