#pragma once

// LevelDB's status as an Error: kProtocol when bytes are damaged, kIo when the operating system
// refused and trying again may help.

#include <string>

#include <leveldb/status.h>

#include "runtime/base/result.hpp"

namespace leat {

/// True if what was read is wrong, or a file is missing.
[[nodiscard]] bool is_damage(const leveldb::Status& status);

/// "<what>: <status>". Precondition: not status.ok().
[[nodiscard]] Error leveldb_error(const std::string& what, const leveldb::Status& status);

}  // namespace leat
