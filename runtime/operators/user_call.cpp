#include "runtime/operators/user_call.hpp"

namespace leat::runtime {

OperatorFailure::OperatorFailure(std::string operator_name, const std::string& message)
    : std::runtime_error(message), operator_name_(std::move(operator_name)) {}

void rethrow_labelled(const std::string& operator_name) {
  try {
    throw;
  } catch (const OperatorFailure&) {
    throw;
  } catch (const std::exception& failure) {
    throw OperatorFailure(operator_name, failure.what());
  } catch (...) {
    throw OperatorFailure(operator_name, "an exception that is no std::exception");
  }
}

}  // namespace leat::runtime
