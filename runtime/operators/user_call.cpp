#include "runtime/operators/user_call.hpp"

namespace leat::runtime {

OperatorFailure::OperatorFailure(std::string operator_name, const std::string& message,
                                 std::optional<std::size_t> record)
    : std::runtime_error(message), operator_name_(std::move(operator_name)), record_(record) {}

void rethrow_labelled(const std::string& operator_name, std::optional<std::size_t> record) {
  try {
    throw;
  } catch (OperatorFailure& failure) {
    failure.set_record(record);
    throw;
  } catch (const std::exception& failure) {
    throw OperatorFailure(operator_name, failure.what(), record);
  } catch (...) {
    throw OperatorFailure(operator_name, "an exception that is no std::exception", record);
  }
}

}  // namespace leat::runtime
