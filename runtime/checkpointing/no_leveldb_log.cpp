#include "runtime/checkpointing/no_leveldb_log.hpp"

#include <cstdarg>

#include <leveldb/env.h>

namespace leat {

namespace {

class NoLog : public leveldb::Logger {
 public:
  void Logv(const char* /*format*/, std::va_list /*arguments*/) override {}
};

}  // namespace

leveldb::Logger* no_leveldb_log() {
  static NoLog no_log;
  return &no_log;
}

}  // namespace leat
