#pragma once

// The first exchange on every connection: peers that have no protocol version in common part in words, on
// both sides (docs/connections.md).

#include <string>

#include "runtime/base/ids.hpp"
#include "runtime/base/result.hpp"
#include "serialization/proto/control.pb.h"

namespace leat::actors {

[[nodiscard]] proto::Hello make_hello(const std::string& role);

/// `own_role`: "JobManager", "TaskManager".
[[nodiscard]] proto::HelloReply answer_hello(const proto::Hello& hello, const std::string& own_role,
                                             Epoch epoch);

/// `peer`: "the JobManager at 127.0.0.1:6123". kProtocol if there is no version in common.
[[nodiscard]] Result<void> check_hello_reply(const proto::HelloReply& reply,
                                             const std::string& peer);

}  // namespace leat::actors
