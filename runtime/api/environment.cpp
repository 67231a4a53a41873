#include "runtime/api/environment.hpp"

#include "runtime/job/job_options.hpp"

namespace leat {

Environment::Environment(runtime::GraphBuilder& builder, const runtime::BuildOptions& options)
    : mode_(options.mode == proto::MODE_BATCH ? Mode::kBatch : Mode::kStreaming),
      context_{builder,
               mode_ == Mode::kBatch ? runtime::EmitWhen::kAtEnd : runtime::EmitWhen::kEveryUpdate,
               mode_ == Mode::kBatch && runtime::combine_before_shuffle(options.config)} {}

}  // namespace leat
