#include "runtime/metrics/prometheus_text.hpp"

#include <set>
#include <string>

#include <gtest/gtest.h>

namespace leat::runtime {
namespace {

TEST(PrometheusText, TellsHelpAndTypeOnceBeforeTheSamplesOfAMetric) {
  PrometheusText page;
  page.add("leat_jobmanager_slots", {{"state", "free"}}, std::uint64_t{3});
  page.add("leat_jobmanager_slots", {{"state", "taken"}}, std::uint64_t{5});
  page.add("leat_jobmanager_taskmanagers_lost_total", {}, std::uint64_t{0});
  EXPECT_EQ(page.text(),
            "# HELP leat_jobmanager_slots Slots that are free, and that are taken.\n"
            "# TYPE leat_jobmanager_slots gauge\n"
            "leat_jobmanager_slots{state=\"free\"} 3\n"
            "leat_jobmanager_slots{state=\"taken\"} 5\n"
            "# HELP leat_jobmanager_taskmanagers_lost_total TaskManagers lost since then: a broken "
            "connection, silence, or a new registration.\n"
            "# TYPE leat_jobmanager_taskmanagers_lost_total counter\n"
            "leat_jobmanager_taskmanagers_lost_total 0\n");
}

TEST(PrometheusText, EscapesWhatUsersNamed) {
  PrometheusText page;
  page.add("leat_job_attempt", {{"job", "1"}, {"name", "a \"b\" \\ c\nd"}}, std::uint64_t{1});
  EXPECT_NE(page.text().find("leat_job_attempt{job=\"1\",name=\"a \\\"b\\\" \\\\ c\\nd\"} 1\n"),
            std::string::npos)
      << page.text();
}

TEST(PrometheusText, WritesCountsExactlyAndFractionsShortly) {
  PrometheusText page;
  page.add("leat_jobmanager_records_read_total", {}, std::uint64_t{18446744073709551615ULL});
  page.add("leat_process_uptime_seconds", {}, 0.25);
  EXPECT_NE(page.text().find(" 18446744073709551615\n"), std::string::npos);
  EXPECT_NE(page.text().find("leat_process_uptime_seconds 0.25\n"), std::string::npos);
}

TEST(MetricTable, NamesFollowPrometheusConventions) {
  std::set<std::string_view> names;
  for (const Metric& metric : metric_table()) {
    EXPECT_TRUE(names.insert(metric.name).second) << metric.name << " stands twice";
    EXPECT_TRUE(metric.name.starts_with("leat_")) << metric.name;
    EXPECT_EQ(metric.name.ends_with("_total"), metric.type == MetricType::kCounter) << metric.name;
    for (const char* unit : {"_ms", "_millis", "_mb", "_kb", "_percent"})
      EXPECT_EQ(metric.name.find(unit), std::string_view::npos) << metric.name;
    EXPECT_TRUE(metric.help.ends_with(".")) << metric.name;
    EXPECT_EQ(metric.help.find_first_of("\\\n"), std::string_view::npos) << metric.name;
  }
}

}  // namespace
}  // namespace leat::runtime
