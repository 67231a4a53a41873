#include "runtime/checkpointing/leveldb_error.hpp"

#include "runtime/base/check.hpp"

namespace leat {

bool is_damage(const leveldb::Status& status) {
  // EIO included: one bad sector gives it, but so does a whole disk that has gone away for a moment.
  return !status.ok() && !status.IsIOError();
}

Error leveldb_error(const std::string& what, const leveldb::Status& status) {
  LEAT_CHECK(!status.ok());
  return Error(is_damage(status) ? ErrorKind::kProtocol : ErrorKind::kIo,
               what + ": " + status.ToString());
}

}  // namespace leat
