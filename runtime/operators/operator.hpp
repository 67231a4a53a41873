#pragma once

// An operator in a chain: takes records through its collector, emits to the next one. Immutable code
// is shared (the user's function is copied into it); everything else belongs to one subtask.

#include <cstdint>
#include <string>

#include "runtime/api/collector.hpp"
#include "runtime/base/result.hpp"
#include "runtime/state/key_group.hpp"

namespace leat {
struct SinkContext;
class AnySinkWriter;
}  // namespace leat

namespace leat::runtime {

class KeyedState;

class Operator {
 public:
  Operator() = default;
  Operator(const Operator&) = delete;
  Operator& operator=(const Operator&) = delete;
  virtual ~Operator() = default;

  [[nodiscard]] virtual AnyCollector& input() = 0;

  /// The input has ended: emits what is left, until done (true), or `blocked` becomes true or `left`, how much of
  /// it may still be taken up in this turn and counted down, is 0 (false; it is called again, when there is room).
  [[nodiscard]] virtual bool finish([[maybe_unused]] const bool& blocked,
                                    [[maybe_unused]] std::uint32_t& left) {
    return true;
  }

  /// A barrier passes: emits what is held back, so that it comes before the barrier. May overshoot what the
  /// output has room for, by what the operator holds.
  virtual void before_barrier() {}

  /// The sink writer inside, if this is a sink.
  [[nodiscard]] virtual AnySinkWriter* sink() { return nullptr; }
  /// The keyed state inside, if there is any.
  [[nodiscard]] virtual KeyedState* keyed_state() { return nullptr; }
  /// Records taken, counted by sinks only.
  [[nodiscard]] virtual std::uint64_t records() const { return 0; }
};

/// What an operator is created with.
struct OperatorContext {
  const std::string& name;  ///< for error messages; outlives the operator
  const SinkContext& sink;  ///< for sinks; its references outlive the operator
  KeyGroupRange groups;     ///< whose keys arrive here, for keyed operators
};

}  // namespace leat::runtime
