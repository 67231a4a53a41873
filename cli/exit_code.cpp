#include "cli/exit_code.hpp"

namespace leat::cli {

int exit_code(const Error& error) {
  switch (error.kind()) {
    case ErrorKind::kUsage:
    case ErrorKind::kInput:
      return kExitUsage;
    case ErrorKind::kUnreachable:
    case ErrorKind::kProtocol:  // something answers, but no JobManager that can be talked to
      return kExitUnreachable;
    case ErrorKind::kCancelled:
      return kExitCancelled;
    case ErrorKind::kUser:
    case ErrorKind::kIo:
    case ErrorKind::kInternal:
      break;
  }
  return kExitFailed;
}

}  // namespace leat::cli
