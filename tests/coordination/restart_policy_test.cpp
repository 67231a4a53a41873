#include "runtime/coordination/restart_policy.hpp"

#include <chrono>

#include <gtest/gtest.h>

namespace leat::runtime {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr Time at(Duration since_start) {
  return Time(since_start);
}

RestartBackoffOptions without_jitter() {
  RestartBackoffOptions options;
  options.jitter = 0.0;
  return options;
}

TEST(RestartBackoff, RetriesAtOnceThenDoublesUpToItsMaximum) {
  RestartBackoff backoff(without_jitter(), 1);
  EXPECT_EQ(backoff.next(), Duration::zero());
  EXPECT_EQ(backoff.next(), milliseconds(50));
  EXPECT_EQ(backoff.next(), milliseconds(100));
  EXPECT_EQ(backoff.next(), milliseconds(200));
  for (int i = 0; i < 20; ++i)
    backoff.next();
  EXPECT_EQ(backoff.next(), minutes(1));
}

TEST(RestartBackoff, WaitsTheFirstTimeTooWhenToldTo) {
  auto options = without_jitter();
  options.first_at_once = false;
  RestartBackoff backoff(options, 1);
  EXPECT_EQ(backoff.next(), milliseconds(50));
}

TEST(RestartBackoff, StartsOverAfterSuccess) {
  RestartBackoff backoff(without_jitter(), 1);
  backoff.next();
  backoff.next();
  backoff.next();
  backoff.reset();
  EXPECT_EQ(backoff.next(), Duration::zero());
  EXPECT_EQ(backoff.next(), milliseconds(50));
}

TEST(RestartBackoff, JittersWithinItsBoundsAndBelowTheMaximum) {
  RestartBackoffOptions options;
  options.first_at_once = false;
  options.max = options.initial;
  RestartBackoff backoff(options, 7);
  bool varied = false;
  Duration previous = backoff.next();
  for (int i = 0; i < 100; ++i) {
    const Duration delay = backoff.next();
    EXPECT_GE(delay, options.initial * 3 / 4);
    EXPECT_LE(delay, options.max);
    varied = varied || delay != previous;
    previous = delay;
  }
  EXPECT_TRUE(varied);
}

TEST(RestartBackoff, RepeatsItsDelaysFromOneSeed) {
  RestartBackoff first({}, 42);
  RestartBackoff second({}, 42);
  for (int i = 0; i < 10; ++i)
    EXPECT_EQ(first.next(), second.next());
}

TEST(FailureWindow, RefusesTheFailureAfterTheToleratedOnes) {
  FailureWindow window(2, FailureWindow::kForever);
  EXPECT_TRUE(window.record(at(seconds(1))));
  EXPECT_TRUE(window.record(at(seconds(2))));
  EXPECT_FALSE(window.record(at(seconds(3))));
  EXPECT_FALSE(window.record(at(seconds(1000))));
}

TEST(FailureWindow, ForgetsFailuresOlderThanItself) {
  FailureWindow window(2, seconds(10));
  EXPECT_TRUE(window.record(at(seconds(0))));
  EXPECT_TRUE(window.record(at(seconds(5))));
  EXPECT_EQ(window.count(at(seconds(9))), 2U);
  EXPECT_TRUE(window.record(at(seconds(10))));
  EXPECT_FALSE(window.record(at(seconds(11))));
}

TEST(RestartPolicy, NeverEscalatesForUserCode) {
  RestartPolicy policy({}, FailureWindow(1, FailureWindow::kForever), 1);
  for (int i = 0; i < 100; ++i)
    EXPECT_EQ(policy.on_failure(FailureOrigin::kUserCode, at(seconds(i))), Duration::zero());
  EXPECT_EQ(policy.failures(at(seconds(100))), 0U);
}

TEST(RestartPolicy, GivesUpBeyondTheWindow) {
  RestartPolicy policy(without_jitter(), FailureWindow(2, minutes(1)), 1);
  EXPECT_EQ(policy.on_failure(FailureOrigin::kCluster, at(seconds(0))), Duration::zero());
  EXPECT_EQ(policy.on_failure(FailureOrigin::kCluster, at(seconds(1))), milliseconds(50));
  EXPECT_EQ(policy.on_failure(FailureOrigin::kCluster, at(seconds(2))), std::nullopt);
}

TEST(RestartPolicy, RetriesAtOnceAgainAfterAQuietWindow) {
  RestartPolicy policy(without_jitter(), FailureWindow(2, minutes(1)), 1);
  EXPECT_EQ(policy.on_failure(FailureOrigin::kCluster, at(seconds(0))), Duration::zero());
  EXPECT_EQ(policy.on_failure(FailureOrigin::kCluster, at(seconds(1))), milliseconds(50));
  EXPECT_EQ(policy.on_failure(FailureOrigin::kCluster, at(minutes(5))), Duration::zero());
}

}  // namespace
}  // namespace leat::runtime
