#pragma once

// Text files as a source of lines.

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/connectors/source.hpp"

namespace leat {

struct TextFilesOptions {
  /// Size of the parts that large files are read in; 0: chosen by size and parallelism.
  std::uint64_t split_bytes = 0;
};

/// The lines of files, and of the regular files directly in directories (symbolic links and names
/// starting with '.' are skipped there). Only '\n' ends a line and is not part of it; all other bytes
/// are kept as they are. A last line needs no newline. No order is kept between lines. Lines may be
/// up to 64 MiB long. Replayable.
[[nodiscard]] Source<std::string> text_files(const std::vector<std::string>& paths,
                                             TextFilesOptions options = {});
[[nodiscard]] Source<std::string> text_files(const std::string& path,
                                             TextFilesOptions options = {});

}  // namespace leat
