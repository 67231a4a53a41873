#pragma once

// Which deliberate bug is switched on in this process (runtime/base/mutation.hpp), and the list of all.

#include <span>
#include <string_view>

namespace leat::sim {

struct Mutation {
  std::string_view name;
  std::string_view bug;       ///< for people
  std::string_view scenario;  ///< the one that sees it soonest
};
[[nodiscard]] std::span<const Mutation> all_mutations();

/// Empty: none. The text is kept by the caller.
void activate_mutation(std::string_view name);
/// True if the bug's place has been reached since it was switched on.
[[nodiscard]] bool mutation_reached();

}  // namespace leat::sim
