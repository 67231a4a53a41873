#include "actors/tls_rotation.hpp"

#include <utility>

namespace leat::actors {

namespace {

/// Of a certificate's life: when so little is left of it, something that should have renewed it has not.
constexpr int kLastPart = 5;

}  // namespace

TlsRotation::Step TlsRotation::look(const Result<TlsMaterial>& found, WallTime now) {
  Step step;
  if (!found)
    keep(found.error().message(), step);
  else if (*found == current_)
    seen_reason_ = told_reason_ = "";
  else if (const auto facts = check_tls_material(*found, options_, now); facts)
    take_up(*found, *facts, step);
  else
    keep(facts.error().message(), step);
  watch_age(now, step);
  return step;
}

void TlsRotation::take_up(const TlsMaterial& material, const CertificateFacts& facts, Step& step) {
  current_ = material;
  facts_ = facts;
  seen_reason_ = told_reason_ = "";
  told_age_ = Age::kGood;
  step.use = material;
  step.log.push_back({LogLevel::kInfo,
                      "tls",
                      "certificate_renewed",
                      {{"certificate", options_.certificate},
                       {"expires", wall_time_text(facts.until)},
                       {"authorities", std::to_string(facts.authorities)}}});
}

void TlsRotation::keep(const std::string& reason, Step& step) {
  const bool again = reason == std::exchange(seen_reason_, reason);
  if (!again || reason == told_reason_)
    return;
  told_reason_ = reason;
  step.log.push_back({LogLevel::kWarn,
                      "tls",
                      "certificate_not_renewed",
                      {{"reason", reason},
                       {"action", "keep_the_old_one"},
                       {"expires", wall_time_text(facts_.until)}}});
}

void TlsRotation::watch_age(WallTime now, Step& step) {
  const Age age = now > facts_.until                                              ? Age::kExpired
                  : facts_.until - now < (facts_.until - facts_.from) / kLastPart ? Age::kExpiring
                                                                                  : Age::kGood;
  if (age == std::exchange(told_age_, age) || age == Age::kGood)
    return;
  const bool expired = age == Age::kExpired;
  step.log.push_back({expired ? LogLevel::kError : LogLevel::kWarn,
                      "tls",
                      expired ? "certificate_expired" : "certificate_expires_soon",
                      {{"certificate", options_.certificate},
                       {"expires", wall_time_text(facts_.until)},
                       {"consequence", expired ? "no new connections" : "then no new connections"},
                       {"action", "renew_it_in_place"}}});
}

}  // namespace leat::actors
