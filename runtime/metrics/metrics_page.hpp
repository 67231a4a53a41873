#pragma once

// The pages of metrics: figures in, Prometheus' text out. Pure functions.

#include <string>

#include "runtime/metrics/job_manager_figures.hpp"
#include "runtime/metrics/process_figures.hpp"
#include "runtime/metrics/task_manager_figures.hpp"

namespace leat::runtime {

struct VolumeState {
  VolumeFigures figures;
  bool writable = false;
};

/// `figures`: null while the actor does not answer; the page then tells of the process alone.
[[nodiscard]] std::string job_manager_metrics(const ProcessFigures& process,
                                              const SupervisionFigures& supervision,
                                              const VolumeState& volume,
                                              const JobManagerFigures* figures);
[[nodiscard]] std::string task_manager_metrics(const ProcessFigures& process,
                                               const SupervisionFigures& supervision,
                                               const TaskManagerFigures* figures);

}  // namespace leat::runtime
