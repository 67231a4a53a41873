#include "runtime/connectors/output_directories.hpp"

#include <filesystem>
#include <string_view>

#include "runtime/base/quote_name.hpp"
#include "runtime/connectors/part_names.hpp"

namespace leat::runtime {

namespace {

Error unusable(const std::string& directory, const std::string& reason) {
  return Error(ErrorKind::kInput,
               "the output directory " + quote_name(directory) + " cannot be used: " + reason);
}

/// "a/b" within "a"; not a directory within itself.
bool lies_within(const std::string& inner, const std::string& outer) {
  const auto relative = std::filesystem::path(inner).lexically_normal().lexically_relative(
      std::filesystem::path(outer).lexically_normal());
  if (relative.empty())
    return false;
  for (const auto& part : relative)
    if (part == "..")
      return false;
  return !relative.lexically_normal().empty() && relative.lexically_normal() != ".";
}

bool same_directory(const std::string& a, const std::string& b) {
  const std::filesystem::path first = std::filesystem::path(a) / "";
  const std::filesystem::path second = std::filesystem::path(b) / "";
  return first.lexically_normal() == second.lexically_normal();
}

Error shared(const std::string& directory) {
  return unusable(directory, "two sinks of the job write there; give each a directory of its own");
}

/// By their names only; links that lead to the same place show in check_content().
Result<void> check_apart(const std::vector<const proto::SinkSpec*>& sinks) {
  for (const auto* one : sinks)
    for (const auto* other : sinks) {
      if (one != other && same_directory(one->path(), other->path()))
        return shared(one->path());
      if (lies_within(one->path(), other->path()))
        return unusable(one->path(), "it lies within " + quote_name(other->path()) +
                                         ", where another sink writes; give each a directory "
                                         "beside the other");
    }
  return {};
}

Result<void> make_directory(FileSystem& files, const std::string& directory) {
  if (directory.empty())
    return unusable(directory, "its name is empty");
  if (auto made = files.create_directories(directory); !made)
    return unusable(directory, made.error().message());
  return {};
}

Result<void> check_content(FileSystem& files, const std::string& directory, const JobId& job,
                           const std::string& own_nonce, OldOutput old_output) {
  const auto names = files.list(directory);
  if (!names)
    return unusable(directory, names.error().message());
  for (const std::string& name : *names) {
    if (!name.starts_with('.') && old_output == OldOutput::kRefused)
      return unusable(directory, "it is not empty (it holds " + quote_name(name) +
                                     "); choose another one or empty it");
    if (name.starts_with(nonce_prefix(job)) && name != own_nonce)
      return shared(directory);
  }
  return {};
}

/// By the steps that output takes, so that what the storage cannot do shows now.
Result<void> write_nonce(FileSystem& files, const std::string& directory,
                         const std::string& nonce) {
  const std::string path = path_in(directory, nonce);
  const std::string draft = path_in(directory, "." + nonce);
  auto file = files.create(draft);
  if (!file)
    return file.error();
  constexpr std::string_view kText = "A job of Leat writes here.\n";
  if (auto written = (*file)->append(kText); !written)
    return written;
  if (auto synced = (*file)->sync(); !synced)
    return synced;
  if (auto closed = (*file)->close(); !closed)
    return closed;
  return files.rename(draft, path);
}

Result<std::string> prepare_directory(FileSystem& files, const proto::SinkSpec& sink,
                                      const JobId& job, OldOutput old_output) {
  const std::string& directory = sink.path();
  const std::string nonce = nonce_name(job, sink.uid());
  if (auto made = make_directory(files, directory); !made)
    return made.error();
  if (auto checked = check_content(files, directory, job, nonce, old_output); !checked)
    return checked.error();
  const auto there = files.exists(path_in(directory, nonce));
  if (!there)
    return unusable(directory, there.error().message());
  if (!*there) {
    static_cast<void>(files.remove(path_in(directory, "." + nonce)));
    if (auto written = write_nonce(files, directory, nonce); !written) {
      static_cast<void>(files.remove(path_in(directory, "." + nonce)));
      return unusable(directory, written.error().message());
    }
  }
  return path_in(directory, nonce);
}

}  // namespace

Result<std::vector<std::string>> prepare_output_directories(FileSystem& files,
                                                            const proto::Plan& plan,
                                                            const JobId& job,
                                                            OldOutput old_output) {
  std::vector<const proto::SinkSpec*> sinks;
  for (const proto::SinkSpec& sink : plan.sinks())
    if (sink.kind() == "text_directory")
      sinks.push_back(&sink);
  if (auto checked = check_apart(sinks); !checked)
    return checked.error();
  std::vector<std::string> nonces;
  for (const auto* sink : sinks) {
    auto nonce = prepare_directory(files, *sink, job, old_output);
    if (!nonce) {
      for (const std::string& written : nonces)
        static_cast<void>(files.remove(written));
      return nonce.error();
    }
    nonces.push_back(std::move(*nonce));
  }
  return nonces;
}

}  // namespace leat::runtime
