#include "runtime/coordination/failure_cause.hpp"

#include "runtime/coordination/error_info.hpp"

namespace leat::runtime {

FailureCause FailureCause::of_subtask(const proto::SubtaskEvent::Failed& failed) {
  const Error error = is_error(failed.error())
                          ? to_error(failed.error())
                          : Error(ErrorKind::kInternal, "a subtask failed without saying why");
  std::string where;
  if (!failed.operator_name().empty())
    where = "operator '" + failed.operator_name() + "'";
  if (!failed.position().empty())
    where += (where.empty() ? "at " : " at ") + failed.position();
  return {where.empty() ? error : error.within(where), false};
}

}  // namespace leat::runtime
