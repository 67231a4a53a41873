#include "actors/temporary_directory.hpp"

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <stdlib.h>
#include <system_error>

namespace leat::actors {

Result<TemporaryDirectory> TemporaryDirectory::create(const std::string& prefix) {
  const char* base = std::getenv("TMPDIR");
  std::string path = base != nullptr && *base != '\0' ? base : "/tmp";
  path += "/" + prefix + "XXXXXX";
  if (mkdtemp(path.data()) == nullptr)
    return Error(ErrorKind::kIo, "no temporary directory like " + path +
                                     " can be made: " + std::generic_category().message(errno) +
                                     ". Set TMPDIR to a directory that can be written");
  return TemporaryDirectory(path);
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;  // what cannot be removed stays
  if (!path_.empty())
    std::filesystem::remove_all(path_, ignored);
}

}  // namespace leat::actors
