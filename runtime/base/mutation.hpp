#pragma once

// Deliberate bugs, to show that the simulation can see: `if (LEAT_MUTATION(skip_fence)) return;`. Only in
// .cpp files that tests/sim/CMakeLists.txt lists, which are compiled once more for the simulation, and in
// templates that jobs instantiate; everywhere else the condition is constant false.

#ifdef LEAT_MUTATIONS

#include <string_view>

namespace leat {
/// Whether this bug is switched on. tests/sim/mutations.cpp decides.
[[nodiscard]] bool mutation_active(std::string_view name);
}  // namespace leat

#define LEAT_MUTATION(name) (::leat::mutation_active(#name))

#else

#define LEAT_MUTATION(name) false

#endif
