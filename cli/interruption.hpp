#pragma once

// A person's wish that a waiting command ends. Until the command obeys it, calls to the JobManager are
// broken off; afterwards they are not, for the job is to be cancelled properly. Used from one thread.

#include <optional>

#include "actors/stop_signal.hpp"

namespace leat::cli {

class Interruption {
 public:
  /// `stop` outlives this.
  explicit Interruption(const actors::StopSignal& stop) : stop_(stop) {}

  [[nodiscard]] bool pending() const { return !obeyed_ && stop_.stopped(); }
  void obey() { obeyed_ = true; }
  /// Why this process cannot go on, if it cannot.
  [[nodiscard]] std::optional<Error> failure() const { return stop_.failure(); }

 private:
  const actors::StopSignal& stop_;
  bool obeyed_ = false;
};

}  // namespace leat::cli
