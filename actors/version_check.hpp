#pragma once

// The first exchange on every connection: peers of different protocol versions part in words, on both
// sides.

#include <string>

#include "runtime/base/ids.hpp"
#include "runtime/base/result.hpp"
#include "serialization/proto/control.pb.h"

namespace leat::actors {

[[nodiscard]] proto::Hello make_hello(const std::string& role);

/// `own_role`: "JobManager", "TaskManager".
[[nodiscard]] proto::HelloReply answer_hello(const proto::Hello& hello, const std::string& own_role,
                                             Epoch epoch);

/// `peer`: "the JobManager at 127.0.0.1:6123". kProtocol if the versions differ.
[[nodiscard]] Result<void> check_hello_reply(const proto::HelloReply& reply,
                                             const std::string& peer);

}  // namespace leat::actors
