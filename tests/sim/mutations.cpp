#include "tests/sim/mutations.hpp"

#include "runtime/base/mutation.hpp"

namespace leat {

namespace {
std::string_view active;
bool reached = false;
}  // namespace

bool mutation_active(std::string_view name) {
  if (active.empty() || active != name)
    return false;
  reached = true;
  return true;
}

namespace sim {

void activate_mutation(std::string_view name) {
  active = name;
  reached = false;
}

bool mutation_reached() {
  return reached;
}

std::span<const Mutation> all_mutations() {
  static constexpr Mutation kAll[] = {
      {"barrier_not_awaited", "a snapshot is taken at the first barrier of several", "processes"},
      {"splits_forgotten", "what readers had left of their splits is lost", "processes"},
      {"commits_not_repeated", "output of the newest checkpoint is left uncommitted", "processes"},
      {"commit_before_manifest", "output is committed before its manifest is stored", "processes"},
  };
  return kAll;
}

}  // namespace sim
}  // namespace leat
