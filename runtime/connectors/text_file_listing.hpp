#pragma once

// Which files a text source reads, found once before the job starts. Blocks; runs away from control
// threads.

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/base/file_system.hpp"
#include "runtime/base/result.hpp"

namespace leat::runtime {

struct ListedFile {
  std::string path;
  std::uint64_t size = 0;  ///< bytes, when it was listed
};

/// The files among `paths` and, sorted by name, the regular files directly in directories among them;
/// there, symbolic links and names starting with '.' are skipped. A path itself may be a link. Anything
/// missing, unreadable or of another kind is ErrorKind::kInput in words.
Result<std::vector<ListedFile>> list_text_files(FileSystem& files,
                                                const std::vector<std::string>& paths);

}  // namespace leat::runtime
