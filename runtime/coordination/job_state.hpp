#pragma once

// The life of a job: which state may follow which. The one place that says so.
//
//   CREATED ──▶ DEPLOYING ──▶ RUNNING ──▶ COMMITTING ──▶ FINISHED
//      ▲            │            │            └────▶ CANCELLING (only while commits keep failing)
//      └── RESTARTING ◀──────────┘
//   CREATED, DEPLOYING, RUNNING, RESTARTING ──▶ FAILING ──▶ FAILED
//   CREATED, DEPLOYING, RUNNING, RESTARTING ──▶ CANCELLING ──▶ CANCELED
//
// From COMMITTING no way leads back to the beginning: output may be visible already.

#include <string_view>

#include "serialization/proto/control.pb.h"

namespace leat::runtime {

[[nodiscard]] bool may_follow(proto::JobState from, proto::JobState to);
/// FINISHED, CANCELED, FAILED.
[[nodiscard]] bool has_ended(proto::JobState state);
/// "RUNNING".
[[nodiscard]] std::string_view state_name(proto::JobState state);

}  // namespace leat::runtime
