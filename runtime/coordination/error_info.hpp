#pragma once

// Errors on their way through control messages: leat::Error as proto::ErrorInfo and back.

#include "runtime/base/error.hpp"
#include "runtime/base/result.hpp"
#include "serialization/proto/control.pb.h"

namespace leat::runtime {

[[nodiscard]] proto::ErrorInfo to_error_info(const Error& error);
/// Precondition: `info` holds an error. A kind this build does not know becomes kProtocol.
[[nodiscard]] Error to_error(const proto::ErrorInfo& info);
[[nodiscard]] Result<void> to_result(const proto::ErrorInfo& info);
[[nodiscard]] inline bool is_error(const proto::ErrorInfo& info) {
  return info.kind() != proto::ERROR_NONE;
}

}  // namespace leat::runtime
