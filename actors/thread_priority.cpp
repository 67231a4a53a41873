#include "actors/thread_priority.hpp"

#include <algorithm>
#include <sys/resource.h>

#include <leveldb/env.h>

namespace leat::actors {

namespace {

constexpr int kNice = 10;

int own_nice() {
  return getpriority(PRIO_PROCESS, 0);
}

}  // namespace

// Linux has what POSIX calls the priority of a process for each thread, and always lets it be lowered.
void give_way() {
  setpriority(PRIO_PROCESS, 0, std::max(own_nice(), kNice));
}

void let_leveldb_give_way() {
  leveldb::Env::Default()->Schedule([](void*) { give_way(); }, nullptr);
}

bool gives_way() {
  return own_nice() >= kNice;
}

}  // namespace leat::actors
