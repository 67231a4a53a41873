#include "runtime/job/job_library.hpp"

#include <cstdlib>
#include <dlfcn.h>
#include <exception>
#include <utility>

#include "runtime/api/arguments.hpp"
#include "runtime/api/environment.hpp"
#include "runtime/api/job.hpp"
#include "runtime/graph/graph_builder.hpp"
#include "runtime/graph/job_graph.hpp"
#include "runtime/graph/plan_builder.hpp"
#include "runtime/job/job_object.hpp"

namespace leat::runtime {

namespace {

/// Calls the job's code; its exceptions end here.
Result<void> run_build(const JobEntry& entry, const std::vector<std::string>& words,
                       GraphBuilder& builder, const BuildOptions& options) {
  try {
    const Arguments arguments(words);
    Environment environment(builder, options);
    entry.build(environment, arguments);
    arguments.refuse_unknown();
    return {};
  } catch (const ArgumentError& error) {
    return Error(ErrorKind::kUsage, std::string(entry.name) + ": " + error.what());
  } catch (const std::exception& error) {
    return Error(ErrorKind::kUser,
                 "building job '" + std::string(entry.name) + "' failed: " + error.what());
  } catch (...) {
    return Error(ErrorKind::kUser, "building job '" + std::string(entry.name) +
                                       "' failed with an exception that is no std::exception");
  }
}

class LoadedLibrary final : public JobLibrary {
 public:
  explicit LoadedLibrary(const JobEntry& entry) : entry_(entry), name_(entry.name) {}

  [[nodiscard]] const std::string& job_name() const override { return name_; }

  [[nodiscard]] Result<std::shared_ptr<const JobGraph>> build(
      const std::vector<std::string>& arguments, const BuildOptions& options) const override {
    GraphBuilder builder;
    if (auto built = run_build(entry_, arguments, builder, options); !built)
      return built.error();
    auto nodes = builder.take();
    auto plan = make_plan(*nodes, options.mode, options.max_parallelism);
    if (!plan)
      return plan.error().within("job '" + name_ + "'");
    return std::make_shared<const JobGraph>(std::move(nodes), std::move(*plan));
  }

 private:
  const JobEntry& entry_;
  std::string name_;
};

}  // namespace

Result<std::shared_ptr<JobLibrary>> JobLibrary::load(const std::string& path) {
  if (auto info = inspect_job_object(path); !info)
    return info.error();
  // dlopen searches its own path for a bare name.
  const std::string file = path.find('/') == std::string::npos ? "./" + path : path;
  void* handle = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) {
    const char* reason = dlerror();
    return Error(ErrorKind::kInput, "job object '" + path + "' does not load: " +
                                        (reason != nullptr ? reason : "unknown reason"));
  }
  const auto* entry = static_cast<const JobEntry*>(dlsym(handle, "leat_job_entry"));
  if (entry == nullptr || entry->build == nullptr)
    return Error(ErrorKind::kInput,
                 "'" + path + "' exports no leat_job_entry; build it with leat_add_job");
  return std::shared_ptr<JobLibrary>(std::make_shared<LoadedLibrary>(*entry));
}

}  // namespace leat::runtime
