#pragma once

// A loaded job object. Never unloaded: records, exceptions and type information of its types may be
// alive anywhere. May be shared between threads once loaded.

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "runtime/base/result.hpp"
#include "serialization/proto/plan.pb.h"

namespace leat::runtime {

class JobGraph;

struct BuildOptions {
  proto::Mode mode = proto::MODE_STREAMING;
  std::uint32_t max_parallelism = 128;
  std::map<std::string, std::string> config;  ///< -D and leat.conf keys that concern jobs
};

class JobLibrary {
 public:
  /// Inspects, then loads (RTLD_LOCAL). The same path loaded twice is one library.
  static Result<std::shared_ptr<JobLibrary>> load(const std::string& path);
  virtual ~JobLibrary() = default;

  /// The name in LEAT_JOB(name).
  [[nodiscard]] virtual const std::string& job_name() const = 0;

  /// Runs the build function. Deterministic: the same arguments and options give the same plan, in any
  /// process. Missing or unknown job arguments: kUsage in words; a throwing build function: kUser.
  [[nodiscard]] virtual Result<std::shared_ptr<const JobGraph>> build(
      const std::vector<std::string>& arguments, const BuildOptions& options) const = 0;
};

}  // namespace leat::runtime
