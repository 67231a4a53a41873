#include "runtime/checkpointing/leveldb_error.hpp"

#include <cerrno>
#include <cstring>

#include "runtime/base/check.hpp"

namespace leat {

bool is_damage(const leveldb::Status& status) {
  if (!status.IsIOError())
    return !status.ok();
  // An unreadable sector, unlike a lack of descriptors, stays. LevelDB hands on the text alone.
  return status.ToString().ends_with(std::strerror(EIO));
}

Error leveldb_error(const std::string& what, const leveldb::Status& status) {
  LEAT_CHECK(!status.ok());
  return Error(is_damage(status) ? ErrorKind::kProtocol : ErrorKind::kIo,
               what + ": " + status.ToString());
}

}  // namespace leat
