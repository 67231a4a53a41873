#include "runtime/checkpointing/uncommitted_output.hpp"

#include <utility>

namespace leat::runtime {

void UncommittedOutput::prepare(AnySinkWriter& sink, std::uint64_t number, std::uint64_t passed) {
  PreparedOutput output = sink.prepare_commit(number);
  for (proto::Committable& committable : output.committables)
    outputs_.push_back({passed, std::move(committable)});
  if (!output.make_durable)
    return;
  const IoToken token{++last_token_};
  pending_.insert(token);
  outbox_.run_io(token, std::move(output.make_durable));
}

std::vector<proto::Committable> UncommittedOutput::before(std::uint64_t checkpoint) const {
  std::vector<proto::Committable> found;
  for (const Output& output : outputs_)
    if (output.passed < checkpoint)
      found.push_back(output.committable);
  return found;
}

std::vector<proto::Committable> UncommittedOutput::take() {
  std::vector<proto::Committable> all;
  for (Output& output : std::exchange(outputs_, {}))
    all.push_back(std::move(output.committable));
  return all;
}

void UncommittedOutput::forget_before(std::uint64_t checkpoint) {
  std::erase_if(outputs_,
                [checkpoint](const Output& output) { return output.passed < checkpoint; });
}

}  // namespace leat::runtime
