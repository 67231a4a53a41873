#pragma once

// For LevelDB's Options::info_log. LevelDB's own log of its doings is read by nobody, and opening it renames the
// one before, even in a database that another process holds.

namespace leveldb {
class Logger;
}

namespace leat {

/// Takes everything and keeps nothing; lives for ever.
[[nodiscard]] leveldb::Logger* no_leveldb_log();

}  // namespace leat
