#pragma once

// Errors at the border between CAF and the engine.

#include <exception>
#include <string>

#include <caf/error.hpp>

#include "runtime/base/error.hpp"

namespace leat::actors {

/// A caf::error in words for a person: why a request failed, or why an actor ended.
[[nodiscard]] std::string error_text(const caf::error& error);

/// A reason for an actor to end, or an answer to a request; error_text() gives its words back.
[[nodiscard]] caf::error make_caf_error(const Error& error);

/// For set_exception_handler: the actor ends and its reason says what was thrown. (By default CAF
/// drops the text.)
[[nodiscard]] caf::error exception_reason(const std::exception_ptr& exception);

/// True when an actor ended because it was told to, or had nothing left to do.
[[nodiscard]] bool is_orderly_end(const caf::error& reason);

}  // namespace leat::actors
