#pragma once

// What the operating system says of this process and of a volume. Usable from any thread.

#include <string>

#include "runtime/base/result.hpp"
#include "runtime/metrics/process_figures.hpp"

namespace leat::actors {

/// What cannot be found out is 0. `role`: "jobmanager".
[[nodiscard]] runtime::ProcessFigures process_figures(const std::string& role);

/// Of the file system that holds `directory`.
[[nodiscard]] Result<runtime::VolumeFigures> volume_figures(const std::string& directory);

/// Fails in words if nothing can be written there: it is gone, read-only or full.
[[nodiscard]] Result<void> check_volume(const std::string& directory);

}  // namespace leat::actors
