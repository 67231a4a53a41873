#pragma once

// One subtask of one stage: a source or gates at its head, a tree of operators, edges and sinks at its
// ends. Single-threaded; driven step by step by the pipeline.

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/connectors/sink.hpp"
#include "runtime/dataflow/edge_input.hpp"
#include "runtime/dataflow/edge_output.hpp"
#include "runtime/dataflow/output_room.hpp"
#include "runtime/dataflow/row_relay.hpp"
#include "runtime/dataflow/source_head.hpp"
#include "runtime/dataflow/stage_barriers.hpp"
#include "runtime/graph/chaining.hpp"
#include "runtime/graph/graph_nodes.hpp"

namespace leat::runtime {

/// What the stages of one pipeline share. Outlives them.
struct StageEnvironment {
  const GraphNodes& graph;
  const Chaining& chaining;
  std::uint32_t subtask;
  std::uint32_t parallelism;
  std::uint32_t max_parallelism;
  FileSystem& files;
  BufferRoute& route;
  RowRelay& rows;
  JobId job;
  Attempt attempt;
};

/// Keyed state of an operator, with the uid it is found by.
struct KeyedOperator {
  const std::string& uid;
  const std::string& name;
  KeyedState* state;
};

class StageTask {
 public:
  StageTask(const StageEnvironment& environment, std::size_t stage);
  ~StageTask();
  StageTask(const StageTask&) = delete;
  StageTask& operator=(const StageTask&) = delete;

  /// Opens the sinks.
  Result<void> open();

  // The plan's indexes of what this stage has; for routing.
  [[nodiscard]] EdgeInput* input(std::uint16_t edge);
  [[nodiscard]] EdgeOutput* output(std::uint16_t edge);

  struct Step {
    std::uint32_t records = 0;  ///< taken from the head, or at the end out of operators
    bool progress = false;      ///< anything was done
    bool ending = false;        ///< the input has ended: what follows is other work
  };
  /// Takes up to `max_records` records from the head, or goes on ending. Throws OperatorFailure.
  Result<Step> step(std::uint32_t max_records, Time now);
  /// True if step() would find something to do now.
  [[nodiscard]] bool runnable(Time now) const;
  /// When a source that waits wants to be asked again; Time::max() if nothing is due.
  [[nodiscard]] Time wake_at() const;

  /// Source stages: true once per split to be asked for.
  [[nodiscard]] bool wants_split();
  void grant(const proto::SplitGrant& grant);

  Result<void> flush(EdgeOutput::Flush reason);

  // Checkpoints. Source stages: note_trigger() when the trigger comes, inject() before the next record.
  void note_trigger();
  void inject(const Barrier& barrier);
  void abort_barrier(std::uint64_t checkpoint) { barriers_.abort(checkpoint); }
  /// After each step: the barrier that the stage has reached. The snapshot is taken before the next step:
  /// before_barrier(), then keyed(), sinks() and take_remaining(), then send_barrier() to all outputs, and
  /// take_captured() as soon as settled().
  [[nodiscard]] std::optional<Barrier> take_barrier();
  /// Operators emit what they hold back. Throws OperatorFailure.
  void before_barrier();
  [[nodiscard]] const std::vector<KeyedOperator>& keyed() const { return keyed_; }
  /// Source stages: what was left of the splits when the trigger came.
  [[nodiscard]] std::vector<proto::Split> take_remaining();
  void send_barrier(const Barrier& barrier);
  /// No barrier waits behind parked buffers, and what barriers have overtaken is complete.
  [[nodiscard]] bool settled() const { return !holds_barrier() && barriers_.captured(); }
  /// What barriers have overtaken here: not read by this stage, or not sent.
  [[nodiscard]] std::vector<CapturedChannel> take_captured();

  /// Before the first record: sends records again that were on their way when a snapshot was taken, to
  /// whoever takes them now. `edge` is one of the outputs. Errors: bytes that are no records.
  Result<void> replay(std::uint16_t edge, const std::vector<BufferPtr>& buffers);
  [[nodiscard]] Duration alignment() const { return barriers_.alignment(); }
  [[nodiscard]] std::uint64_t last_barrier() const { return barriers_.last_reached(); }

  /// The input has ended, everything was emitted and has left.
  [[nodiscard]] bool ended() const { return phase_ == Phase::kEnded; }
  [[nodiscard]] bool is_source() const { return source_ != nullptr; }
  [[nodiscard]] const std::string& source_uid() const { return source_uid_; }
  [[nodiscard]] const std::vector<AnySinkWriter*>& sinks() const { return sinks_; }
  [[nodiscard]] std::uint64_t records_in() const { return records_in_; }
  [[nodiscard]] std::uint64_t records_out() const;
  /// Where the head is, for error messages.
  [[nodiscard]] std::string position() const;
  [[nodiscard]] const std::string& head_name() const { return head_name_; }

 private:
  enum class Phase { kRunning, kFinishing, kDraining, kEnded };

  AnyCollector& build(const StageEnvironment& environment, std::size_t node);
  AnyCollector& build_outputs(const StageEnvironment& environment, std::size_t node);
  void build_head(const StageEnvironment& environment, std::size_t head);
  RowChannel& rows_for(const StageEnvironment& environment, const GraphNode& node);
  void add_output(const StageEnvironment& environment, std::size_t edge,
                  std::vector<AnyCollector*>& outs);
  void add_input(const StageEnvironment& environment, std::size_t edge, AnyCollector& head);

  Result<Step> step_ending(std::uint32_t max_records, Time now);
  Result<Step> read_inputs(std::uint32_t max_records, Time now);
  Result<Step> poll_source(std::uint32_t max_records, Time now);
  bool finish_operators(std::uint32_t& left);
  [[nodiscard]] bool has_room() const;
  [[nodiscard]] bool has_input() const;
  [[nodiscard]] bool holds_barrier() const;
  void check_barriers(Time now);
  [[nodiscard]] Time sender_deadline() const;
  [[nodiscard]] bool input_ended() const;

  struct Input {
    std::uint16_t edge;
    std::unique_ptr<EdgeInput> value;
  };
  struct Output {
    std::uint16_t edge;
    std::unique_ptr<EdgeOutput> value;
    const RecordType* type;
    AnyCollector* writer;  // chooses the channel
    /// Each of its records belongs to all channels, so that none can be sent again to some.
    bool broadcast;
  };

  Phase phase_ = Phase::kRunning;
  OutputRoom room_;
  std::deque<SinkContext> sink_contexts_;  // stable addresses
  std::vector<Output> outputs_;
  std::vector<std::unique_ptr<AnyCollector>> writers_;  // and tees
  std::vector<std::unique_ptr<Operator>> operators_;    // downstream first
  std::size_t unfinished_ = 0;                          // operators still to finish
  std::vector<AnySinkWriter*> sinks_;
  std::vector<RowRelay::Channel*> rows_;
  std::vector<Input> inputs_;
  std::size_t next_input_ = 0;
  StageBarriers barriers_;
  Barrier sent_barrier_;               // the last one
  std::optional<Time> barrier_waits_;  // since when it has been seen waiting in an output
  std::vector<CapturedChannel> captured_at_sender_;
  std::vector<KeyedOperator> keyed_;
  std::unique_ptr<SourceHead> source_;
  std::string source_uid_;
  std::string head_name_;
  std::uint64_t records_in_ = 0;
};

}  // namespace leat::runtime
