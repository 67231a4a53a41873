#pragma once

// What went wrong, for whom, in one sentence. Values of this type cross every layer; only actors/
// turns them into caf::error, only cli/ into exit codes.

#include <string>
#include <utility>

namespace leat {

/// Who has to act on an error. Decides retry policy and exit code, never the wording.
enum class ErrorKind {
  kUsage,        ///< the command line or configuration is wrong (exit code 2)
  kInput,        ///< a path, job object or argument that cannot be used (exit code 2)
  kUnreachable,  ///< a peer does not answer (exit code 3)
  kUser,         ///< user code threw: the job's fault, never the cluster's
  kIo,           ///< the operating system refused a read or write
  kProtocol,     ///< a peer of another version, or bytes that do not decode
  kCancelled,    ///< asked for by a person (exit code 130)
  kInternal,     ///< our own bug
};

/// A sentence for a person: what is wrong, where, and what to do.
class Error {
 public:
  Error(ErrorKind kind, std::string message) : kind_(kind), message_(std::move(message)) {}

  [[nodiscard]] ErrorKind kind() const { return kind_; }
  [[nodiscard]] const std::string& message() const { return message_; }

  /// The same error with the place in front: "prefix: message".
  [[nodiscard]] Error within(const std::string& prefix) const {
    return Error(kind_, prefix + ": " + message_);
  }

 private:
  ErrorKind kind_;
  std::string message_;
};

}  // namespace leat
