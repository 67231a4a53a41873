#pragma once

// Configuration keys that change how a job is built, so they are part of its submission.

#include <map>
#include <string>

namespace leat::runtime {

/// `execution.batch.combine` (true): batch aggregates combine records of one key before the shuffle.
inline constexpr const char* kCombineKey = "execution.batch.combine";

[[nodiscard]] bool combine_before_shuffle(const std::map<std::string, std::string>& config);

}  // namespace leat::runtime
