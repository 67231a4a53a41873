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
      {"stale_epoch_accepted", "messages to an earlier JobManager count", "processes"},
  };
  return kAll;
}

}  // namespace sim
}  // namespace leat
