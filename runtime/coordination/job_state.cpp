#include "runtime/coordination/job_state.hpp"

#include <algorithm>
#include <utility>

namespace leat::runtime {

namespace {

constexpr std::pair<proto::JobState, proto::JobState> kTransitions[] = {
    {proto::JOB_CREATED, proto::JOB_FAILING},      {proto::JOB_CREATED, proto::JOB_DEPLOYING},
    {proto::JOB_CREATED, proto::JOB_CANCELLING},   {proto::JOB_DEPLOYING, proto::JOB_RUNNING},
    {proto::JOB_DEPLOYING, proto::JOB_RESTARTING}, {proto::JOB_DEPLOYING, proto::JOB_FAILING},
    {proto::JOB_DEPLOYING, proto::JOB_CANCELLING}, {proto::JOB_RUNNING, proto::JOB_COMMITTING},
    {proto::JOB_RUNNING, proto::JOB_RESTARTING},   {proto::JOB_RUNNING, proto::JOB_FAILING},
    {proto::JOB_RUNNING, proto::JOB_CANCELLING},   {proto::JOB_RESTARTING, proto::JOB_CREATED},
    {proto::JOB_RESTARTING, proto::JOB_FAILING},   {proto::JOB_RESTARTING, proto::JOB_CANCELLING},
    {proto::JOB_COMMITTING, proto::JOB_FINISHED},  {proto::JOB_COMMITTING, proto::JOB_CANCELLING},
    {proto::JOB_CANCELLING, proto::JOB_CANCELED},  {proto::JOB_FAILING, proto::JOB_FAILED},
};

}  // namespace

bool may_follow(proto::JobState from, proto::JobState to) {
  return std::find(std::begin(kTransitions), std::end(kTransitions), std::pair(from, to)) !=
         std::end(kTransitions);
}

bool has_ended(proto::JobState state) {
  return state == proto::JOB_FINISHED || state == proto::JOB_CANCELED || state == proto::JOB_FAILED;
}

std::string_view state_name(proto::JobState state) {
  std::string_view name = proto::JobState_Name(state);
  constexpr std::string_view kPrefix = "JOB_";
  return name.starts_with(kPrefix) ? name.substr(kPrefix.size()) : name;
}

}  // namespace leat::runtime
