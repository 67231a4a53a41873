#include "actors/error_text.hpp"

#include <cstdint>

#include <caf/exit_reason.hpp>
#include <caf/message.hpp>
#include <caf/sec.hpp>

namespace leat::actors {

namespace {

constexpr caf::atom_value kLeatErrors = caf::atom("leat");

std::string system_error_text(caf::sec code) {
  switch (code) {
    case caf::sec::unexpected_message:
      return "it does not understand what it is asked: it is another kind of process, or another "
             "release";
    case caf::sec::unexpected_response:
      return "it answered with an unexpected message";
    case caf::sec::request_receiver_down:
      return "it has ended";
    case caf::sec::request_timeout:
      return "no answer in time";
    case caf::sec::no_actor_published_at_port:
      return "nothing of Leat is published there";
    case caf::sec::disconnect_during_handshake:
      return "it closed the connection at once";
    case caf::sec::cannot_connect_to_node:
      return "the connection was refused";
    case caf::sec::cannot_open_port:
      return "the port cannot be opened";
    case caf::sec::incompatible_versions:
      return "it speaks another version of CAF";
    case caf::sec::incompatible_application_ids:
      return "it is no Leat process";
    case caf::sec::malformed_basp_message:
      return "it is no Leat process";
    case caf::sec::connection_timeout:
      return "the connection fell silent";
    case caf::sec::runtime_error:
      return "an exception was thrown";
    default:
      return to_string(code);
  }
}

std::string exit_reason_text(caf::exit_reason reason) {
  switch (reason) {
    case caf::exit_reason::normal:
      return "it ended";
    case caf::exit_reason::unhandled_exception:
      return "an exception was thrown";
    case caf::exit_reason::unknown:
      return "it had ended before";
    case caf::exit_reason::user_shutdown:
      return "it was told to end";
    case caf::exit_reason::kill:
      return "it was killed";
    case caf::exit_reason::remote_link_unreachable:
      return "the connection broke";
    case caf::exit_reason::unreachable:
      return "nobody refers to it any more";
    default:
      return to_string(reason);
  }
}

}  // namespace

std::string error_text(const caf::error& error) {
  if (error.category() == kLeatErrors && error.context().match_elements<std::string>())
    return error.context().get_as<std::string>(0);
  if (error.category() == caf::atom("system"))
    return system_error_text(static_cast<caf::sec>(error.code()));
  if (error.category() == caf::atom("exit"))
    return exit_reason_text(static_cast<caf::exit_reason>(error.code()));
  return error ? to_string(error) : exit_reason_text(caf::exit_reason::normal);
}

caf::error make_caf_error(const Error& error) {
  // Code 0 would be no error at all.
  const auto code = static_cast<std::uint8_t>(static_cast<int>(error.kind()) + 1);
  return caf::error(code, kLeatErrors, caf::make_message(error.message()));
}

caf::error exception_reason(const std::exception_ptr& exception) {
  try {
    std::rethrow_exception(exception);
  } catch (const std::exception& thrown) {
    return make_caf_error(Error(ErrorKind::kInternal, thrown.what()));
  } catch (...) {
    return make_caf_error(Error(ErrorKind::kInternal, "an exception of unknown type"));
  }
}

bool is_orderly_end(const caf::error& reason) {
  return !reason || reason == caf::exit_reason::user_shutdown;
}

}  // namespace leat::actors
