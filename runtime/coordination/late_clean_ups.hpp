#pragma once

// A slot that was lost, and not released, may go on until its lease ends, and leave output in progress behind
// the clean-up of a job that has ended meanwhile: such a job is cleaned up once more, when no slot of it can
// have an effect any longer. Single-threaded, part of the JobManagerCore.

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "runtime/base/engine_time.hpp"
#include "runtime/base/ids.hpp"
#include "runtime/coordination/job_manager_commands.hpp"
#include "runtime/coordination/job_manager_step.hpp"

namespace leat::runtime {

class LateCleanUps {
 public:
  /// Slots of a job that has not ended were lost; what runs there is over by `until`.
  void slots_lost(JobId job, Time until) {
    Time& known = until_[job];
    known = std::max(known, until);
  }
  /// It has cleaned up with `clean_up`.
  void job_ended(CleanOutputs clean_up, Time now) {
    const auto lost = until_.extract(clean_up.job);
    if (!lost.empty() && lost.mapped() > now)
      due_.push_back({lost.mapped(), std::move(clean_up)});
  }
  /// It has not, because output of it is kept.
  void job_ended(JobId job) { until_.erase(job); }

  void tick(JobManagerStep& step) {
    std::erase_if(due_, [&step](Due& due) {
      if (due.at > step.now)
        return false;
      step.out.emplace_back(std::move(due.clean_up));
      return true;
    });
  }
  [[nodiscard]] Time next_deadline() const {
    Time earliest = Time::max();
    for (const Due& due : due_)
      earliest = std::min(earliest, due.at);
    return earliest;
  }

 private:
  struct Due {
    Time at;
    CleanOutputs clean_up;
  };
  std::map<JobId, Time> until_;
  std::vector<Due> due_;
};

}  // namespace leat::runtime
