#pragma once

// The directory in which a JobManager keeps everything, before anything is opened in it.

#include <string>

#include "runtime/base/file_system.hpp"
#include "runtime/base/result.hpp"

namespace leat::actors {

/// Creates it if it is missing. Fails in words, and changes nothing in it, if it cannot be written: no
/// directory, read-only, full, somebody else's, something else in place of one of its stores.
[[nodiscard]] Result<void> prepare_data_directory(FileSystem& files, const std::string& directory);

/// Its stores.
[[nodiscard]] std::string meta_path(const std::string& directory);
[[nodiscard]] std::string artefacts_path(const std::string& directory);
[[nodiscard]] std::string chunks_path(const std::string& directory);

}  // namespace leat::actors
