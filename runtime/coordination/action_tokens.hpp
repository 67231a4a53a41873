#pragma once

// Background actions under way: whose they are. Single-threaded, owned by the JobManagerCore.

#include <cstdint>
#include <map>
#include <optional>

#include "runtime/base/ids.hpp"
#include "runtime/coordination/job_manager_commands.hpp"

namespace leat::runtime {

class ActionTokens {
 public:
  [[nodiscard]] ActionToken issue(JobId owner) {
    const ActionToken token{++last_};
    owners_.emplace(token, owner);
    return token;
  }
  /// Nothing for a token that was redeemed before.
  [[nodiscard]] std::optional<JobId> redeem(ActionToken token) {
    const auto found = owners_.find(token);
    if (found == owners_.end())
      return std::nullopt;
    const JobId owner = found->second;
    owners_.erase(found);
    return owner;
  }

 private:
  std::uint64_t last_ = 0;
  std::map<ActionToken, JobId> owners_;
};

}  // namespace leat::runtime
