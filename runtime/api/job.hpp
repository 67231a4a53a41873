#pragma once

// LEAT_JOB(name) { … } defines the build function of a job object, with `env` and `args` in reach:
//
//   LEAT_JOB(word_count) {
//     env.source(leat::text_files(args.required_list("input")))…
//   }
//
// One per shared object. It runs in the client and in every TaskManager and must do the same
// everywhere: it reads no environment, lists no input, takes no time or random numbers.

#include <cstdint>

#include "runtime/api/arguments.hpp"
#include "runtime/api/environment.hpp"
#include "runtime/api/version.hpp"

namespace leat {

/// What a job object exports as `leat_job_entry`.
struct JobEntry {
  const char* name;
  void (*build)(Environment& env, const Arguments& args);
};

namespace detail {
/// The ELF note of a job object (owner "Leat", type 1): fingerprint and name, each ended by a zero
/// byte, so that both can be read without loading the object.
template <std::size_t N>
struct JobNote {
  std::uint32_t owner_bytes = 5;
  std::uint32_t content_bytes = N;
  std::uint32_t type = 1;
  char owner[8] = "Leat";
  char content[(N + 3) / 4 * 4] = {};
};

/// A function instead of a constructor: an aggregate is read-only data, as sections of notes must be.
template <std::size_t N>
constexpr JobNote<N> make_job_note(const char (&text)[N]) {
  JobNote<N> note;
  for (std::size_t i = 0; i < N; ++i)
    note.content[i] = text[i];
  return note;
}
}  // namespace detail

}  // namespace leat

#define LEAT_JOB(job_name)                                                                       \
  static void leat_build_job([[maybe_unused]] leat::Environment& env,                            \
                             [[maybe_unused]] const leat::Arguments& args);                      \
  extern "C" {                                                                                   \
  __attribute__((visibility("default"))) extern const leat::JobEntry leat_job_entry;             \
  const leat::JobEntry leat_job_entry{#job_name, &leat_build_job};                               \
  }                                                                                              \
  __attribute__((section(".note.leat"), used, aligned(4))) static constexpr auto leat_job_note = \
      leat::detail::make_job_note(LEAT_FINGERPRINT "\0" #job_name);                              \
  static void leat_build_job([[maybe_unused]] leat::Environment& env,                            \
                             [[maybe_unused]] const leat::Arguments& args)
