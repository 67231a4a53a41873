#include "runtime/base/crash_point.hpp"

#include <cstdlib>
#include <unistd.h>

#include <gtest/gtest.h>

namespace leat {
namespace {

// Only what EXPECT_EXIT runs, in a process of its own, may arm a point.
void arm(const char* setting) {
  if (!arm_crash_point(setting))
    std::exit(1);
}

TEST(CrashPoint, DoesNothingUnlessArmed) {
  crash_point("manifest-written");
}

TEST(CrashPoint, EndsTheProcessAtItsFirstPassing) {
  EXPECT_EXIT(
      {
        arm("manifest-written");
        crash_point("manifest-written");
        std::exit(0);
      },
      testing::ExitedWithCode(kCrashExitCode), "^crash point 'manifest-written' reached.*\n$");
}

TEST(CrashPoint, CountsPassings) {
  const auto pass = [](int times) {
    arm("manifest-written:3");
    for (int i = 0; i < times; ++i)
      crash_point("manifest-written");
    std::exit(0);
  };
  EXPECT_EXIT(pass(2), testing::ExitedWithCode(0), "^$");
  EXPECT_EXIT(pass(3), testing::ExitedWithCode(kCrashExitCode), "reached");
}

TEST(CrashPoint, LetsOtherPointsPass) {
  EXPECT_EXIT(
      {
        arm("manifest-written");
        crash_point("manifest");
        crash_point("manifest-written-twice");
        std::exit(0);
      },
      testing::ExitedWithCode(0), "^$");
}

TEST(CrashPoint, RunsNoDestructorsOrExitHandlers) {
  EXPECT_EXIT(
      {
        std::atexit([] { _exit(3); });
        arm("manifest-written");
        crash_point("manifest-written");
      },
      testing::ExitedWithCode(kCrashExitCode), "");
}

TEST(CrashPoint, RefusesASettingThatNamesNone) {
  for (const char* setting : {"", ":1", "name:", "name:0", "name:-1", "name:2x", "name:1:2"}) {
    const auto armed = arm_crash_point(setting);
    ASSERT_FALSE(armed) << setting;
    EXPECT_EQ(armed.error().kind(), ErrorKind::kUsage);
    EXPECT_NE(armed.error().message().find("LEAT_CRASH_AT"), std::string::npos);
  }
  EXPECT_FALSE(crash_point_armed);
}

}  // namespace
}  // namespace leat
