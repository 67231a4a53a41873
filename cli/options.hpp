#pragma once

// The options of each command. An option that several commands have is defined once.

#include <span>

#include "cli/option_spec.hpp"

namespace leat::cli {

[[nodiscard]] std::span<const OptionSpec> local_options();
[[nodiscard]] std::span<const OptionSpec> job_manager_options();
[[nodiscard]] std::span<const OptionSpec> task_manager_options();
[[nodiscard]] std::span<const OptionSpec> run_options();
[[nodiscard]] std::span<const OptionSpec> list_options();
[[nodiscard]] std::span<const OptionSpec> cancel_options();
[[nodiscard]] std::span<const OptionSpec> info_options();
[[nodiscard]] std::span<const OptionSpec> checkpoints_options();
[[nodiscard]] std::span<const OptionSpec> savepoint_options();
[[nodiscard]] std::span<const OptionSpec> stop_options();
[[nodiscard]] std::span<const OptionSpec> rescale_options();

/// Options whose value needs more than a configuration key; the commands ask for them by name.
namespace options {
inline constexpr std::string_view kAll = "all";
inline constexpr std::string_view kAllowNonRestored = "allow-non-restored-state";
inline constexpr std::string_view kConfig = "config";
inline constexpr std::string_view kDefine = "define";
inline constexpr std::string_view kDetached = "detached";
inline constexpr std::string_view kDrain = "drain";
inline constexpr std::string_view kFromSavepoint = "from-savepoint";
inline constexpr std::string_view kHelp = "help";
inline constexpr std::string_view kInsecure = "insecure";
inline constexpr std::string_view kJobManager = "jobmanager";
inline constexpr std::string_view kJson = "json";
inline constexpr std::string_view kName = "name";
inline constexpr std::string_view kParallelism = "parallelism";
inline constexpr std::string_view kSavepoint = "savepoint";
}  // namespace options

}  // namespace leat::cli
