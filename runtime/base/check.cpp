#include "runtime/base/check.hpp"

#include <cstdio>
#include <cstdlib>

namespace leat {

void check_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "fatal: %s:%d: check failed: %s (this is a bug in Leat)\n", file, line,
               condition);
  std::abort();
}

}  // namespace leat
