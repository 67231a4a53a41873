#include "actors/actor_config.hpp"

#include <string>
#include <typeindex>

#include <caf/actor_system.hpp>
#include <caf/io/middleman.hpp>
#include <caf/make_type_erased_value.hpp>
#include <caf/openssl/manager.hpp>

#include "actors/data_messages.hpp"
#include "actors/proto_message.hpp"
#include "runtime/base/check.hpp"
#include "serialization/proto/control.pb.h"

namespace leat::actors {

namespace {

/// Threads of CAF's pool, for control actors. They never block, so few are enough.
constexpr std::size_t kControlThreads = 2;
/// Messages an actor handles before others get their turn.
constexpr std::size_t kMessagesPerTurn = 100;
/// CAF would look here for what actors/executable/tls_session.cpp gives it, and be told by the names alone
/// that there is to be authentication.
constexpr const char* kNoFile = "/nonexistent/leat-tls";

// add_message_type would also instantiate vectors and streams of each type, at twice the compile time.
template <class T>
void add_wire_type(caf::actor_system_config& config, const std::string& name) {
  config.type_names_by_rtti.emplace(std::type_index(typeid(T)), name);
  config.value_factories_by_name.emplace(name, &caf::make_type_erased_value<T>);
  config.value_factories_by_rtti.emplace(std::type_index(typeid(T)),
                                         &caf::make_type_erased_value<T>);
}

template <class... Messages>
void add_control_messages(caf::actor_system_config& config) {
  (add_wire_type<Messages>(config, Messages::descriptor()->full_name()), ...);
}

void add_wire_types(caf::actor_system_config& config) {
  add_control_messages<proto::Hello, proto::HelloReply, proto::PutArtefact, proto::PutArtefactReply,
                       proto::GetArtefact, proto::ArtefactChunk, proto::SubmitJob,
                       proto::SubmitReply, proto::JobStatus, proto::WatchJob, proto::ListJobs,
                       proto::JobList, proto::CancelJob, proto::CancelReply, proto::FetchResults,
                       proto::ResultBatch>(config);
  add_control_messages<proto::RegisterTaskManager, proto::RegisterReply, proto::Heartbeat,
                       proto::HeartbeatReply, proto::DeploySubtask, proto::StartSubtask,
                       proto::ReleaseAttempt, proto::CommitOutput, proto::SubtaskEvent,
                       proto::SplitRequest, proto::SplitGrant, proto::CollectRows,
                       proto::CollectCredit, proto::ResolveSubtask>(config);
  add_control_messages<proto::TriggerCheckpoint, proto::AbortCheckpoint, proto::CheckpointComplete,
                       proto::SnapshotChunk, proto::ChunkStored, proto::FetchChunk,
                       proto::ChunkData, proto::TriggerSavepoint, proto::SavepointReply,
                       proto::RescaleJob, proto::RescaleReply, proto::ListCheckpoints,
                       proto::CheckpointList>(config);
  add_wire_type<Incarnation>(config, "leat.Incarnation");
  add_wire_type<DataMessage>(config, "leat.DataMessage");
  add_wire_type<CreditMessage>(config, "leat.CreditMessage");
}

}  // namespace

LeatActorConfig::LeatActorConfig(Networking networking, const LinkOptions& link) {
  add_wire_types(*this);
  // Idle workers of the default policy poll, which costs time when idle and latency when not.
  set("scheduler.policy", caf::atom("sharing"));
  set("scheduler.max-threads", kControlThreads);
  set("scheduler.max-throughput", kMessagesPerTurn);
  if (networking == Networking::kOff)
    return;
  load<caf::io::middleman>();
  if (link.tls) {
    tls_ = link.tls;
    openssl_certificate = openssl_key = openssl_cafile = kNoFile;
    load<caf::openssl::manager>();
  }
  // Messages are decoded on the I/O thread: handing them on costs more than decoding them.
  set("middleman.workers", std::size_t{0});
  set("middleman.heartbeat-interval", caf::timespan(link.keep_alive));
  set("middleman.connection-timeout", caf::timespan(link.silence_limit));
  set("middleman.app-identifiers", std::vector<std::string>{"leat"});
}

const LeatActorConfig& config_of(const caf::actor_system& system) {
  const auto* config = dynamic_cast<const LeatActorConfig*>(&system.config());
  LEAT_CHECK(config != nullptr);
  return *config;
}

}  // namespace leat::actors
