#pragma once

// The jobs that have ended, for lists and for clients that ask late; bounded, the oldest go first.
// Single-threaded, owned by the JobManagerCore.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include "runtime/base/ids.hpp"
#include "serialization/proto/control.pb.h"

namespace leat::runtime {

class EndedJobs {
 public:
  explicit EndedJobs(std::size_t kept) : kept_(kept) {}

  /// Ids that had to go, to be deleted from the metadata store. Precondition: the job has ended.
  /// `rows`: the label that the job's rows had; 0 if that is not known.
  [[nodiscard]] std::vector<JobId> add(JobId job, proto::JobStatus status, Attempt rows);
  [[nodiscard]] const proto::JobStatus* find(JobId job) const;
  void append_to(proto::JobList& list) const;
  [[nodiscard]] std::uint64_t count(proto::JobState state) const;

  [[nodiscard]] proto::CancelReply cancel(JobId job) const;
  [[nodiscard]] proto::ResultBatch fetch(JobId job, const proto::FetchResults& fetch) const;

 private:
  struct Entry {
    JobId id;
    proto::JobStatus status;
    Attempt rows{};
  };
  [[nodiscard]] const Entry* entry(JobId job) const;

  std::size_t kept_;
  std::deque<Entry> jobs_;  // oldest first
};

}  // namespace leat::runtime
