#include "runtime/coordination/error_info.hpp"

#include "runtime/base/check.hpp"

namespace leat::runtime {

namespace {

proto::ErrorKind to_proto(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kUsage:
      return proto::ERROR_USAGE;
    case ErrorKind::kInput:
      return proto::ERROR_INPUT;
    case ErrorKind::kUnreachable:
      return proto::ERROR_UNREACHABLE;
    case ErrorKind::kUser:
      return proto::ERROR_USER;
    case ErrorKind::kIo:
      return proto::ERROR_IO;
    case ErrorKind::kProtocol:
      return proto::ERROR_PROTOCOL;
    case ErrorKind::kCancelled:
      return proto::ERROR_CANCELLED;
    case ErrorKind::kInternal:
      return proto::ERROR_INTERNAL;
  }
  return proto::ERROR_INTERNAL;
}

ErrorKind from_proto(proto::ErrorKind kind) {
  switch (kind) {
    case proto::ERROR_USAGE:
      return ErrorKind::kUsage;
    case proto::ERROR_INPUT:
      return ErrorKind::kInput;
    case proto::ERROR_UNREACHABLE:
      return ErrorKind::kUnreachable;
    case proto::ERROR_USER:
      return ErrorKind::kUser;
    case proto::ERROR_IO:
      return ErrorKind::kIo;
    case proto::ERROR_CANCELLED:
      return ErrorKind::kCancelled;
    case proto::ERROR_INTERNAL:
      return ErrorKind::kInternal;
    default:
      return ErrorKind::kProtocol;
  }
}

}  // namespace

proto::ErrorInfo to_error_info(const Error& error) {
  proto::ErrorInfo info;
  info.set_kind(to_proto(error.kind()));
  info.set_message(error.message());
  return info;
}

Error to_error(const proto::ErrorInfo& info) {
  LEAT_CHECK(is_error(info));
  return Error(from_proto(info.kind()), info.message());
}

Result<void> to_result(const proto::ErrorInfo& info) {
  if (is_error(info))
    return to_error(info);
  return {};
}

}  // namespace leat::runtime
