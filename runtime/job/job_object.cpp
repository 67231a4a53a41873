#include "runtime/job/job_object.hpp"

#include <cstring>
#include <elf.h>
#include <fstream>
#include <optional>
#include <string_view>
#include <vector>

#include "runtime/api/version.hpp"

namespace leat::runtime {

namespace {

constexpr std::string_view kOwner{"Leat", 5};  // with its zero byte
constexpr std::uint32_t kNoteType = 1;
/// No real job object has more sections or notes than this.
constexpr std::size_t kMostSections = 65536;
constexpr std::uint64_t kLargestNote = 65536;

/// Reads pieces of a file that may be anything.
class ObjectFile {
 public:
  explicit ObjectFile(const std::string& path) : in_(path, std::ios::binary) {}
  [[nodiscard]] bool open() const { return in_.is_open(); }

  template <class T>
  bool read(std::uint64_t offset, T& into) {
    return read(offset, reinterpret_cast<char*>(&into), sizeof into);
  }
  bool read(std::uint64_t offset, char* into, std::size_t count) {
    in_.clear();
    in_.seekg(static_cast<std::streamoff>(offset));
    in_.read(into, static_cast<std::streamsize>(count));
    return in_.good();
  }

 private:
  std::ifstream in_;
};

std::uint64_t padded(std::uint64_t size) {
  return (size + 3) / 4 * 4;
}

/// The content of the first note owned by Leat in one section.
std::optional<std::string> leat_note(std::string_view section) {
  while (section.size() >= sizeof(Elf64_Nhdr)) {
    Elf64_Nhdr header;
    std::memcpy(&header, section.data(), sizeof header);
    section.remove_prefix(sizeof header);
    const std::uint64_t owner = padded(header.n_namesz);
    if (owner > section.size() || header.n_descsz > section.size() - owner)
      return std::nullopt;
    if (section.substr(0, header.n_namesz) == kOwner && header.n_type == kNoteType)
      return std::string(section.substr(owner, header.n_descsz));
    section.remove_prefix(std::min<std::uint64_t>(section.size(), owner + padded(header.n_descsz)));
  }
  return std::nullopt;
}

bool is_shared_object(const Elf64_Ehdr& header) {
  return std::memcmp(header.e_ident, ELFMAG, SELFMAG) == 0 &&
         header.e_ident[EI_CLASS] == ELFCLASS64 && header.e_ident[EI_DATA] == ELFDATA2LSB &&
         header.e_type == ET_DYN && header.e_shentsize == sizeof(Elf64_Shdr);
}

std::optional<std::string> find_note(ObjectFile& file, const Elf64_Ehdr& header) {
  const std::size_t sections = std::min<std::size_t>(header.e_shnum, kMostSections);
  for (std::size_t i = 0; i < sections; ++i) {
    Elf64_Shdr section;
    if (!file.read(header.e_shoff + i * sizeof section, section))
      return std::nullopt;
    if (section.sh_type != SHT_NOTE || section.sh_size > kLargestNote)
      continue;
    std::string bytes(section.sh_size, '\0');
    if (!file.read(section.sh_offset, bytes.data(), bytes.size()))
      return std::nullopt;
    if (auto note = leat_note(bytes))
      return note;
  }
  return std::nullopt;
}

}  // namespace

Result<JobObjectInfo> inspect_job_object(const std::string& path) {
  ObjectFile file(path);
  if (!file.open())
    return Error(ErrorKind::kInput, "job object '" + path + "': " + std::strerror(errno));
  Elf64_Ehdr header;
  if (!file.read(0, header) || !is_shared_object(header))
    return Error(ErrorKind::kInput, "'" + path +
                                        "' is no shared object; a job is built with "
                                        "leat_add_job(name sources…) into name.so");
  const auto note = find_note(file, header);
  const std::size_t end = note ? note->find('\0') : std::string::npos;
  if (end == std::string::npos)
    return Error(ErrorKind::kInput, "'" + path +
                                        "' is a shared object but no Leat job: it has no "
                                        "LEAT_JOB(name) { … }, or was stripped of its notes");
  JobObjectInfo info;
  info.fingerprint = note->substr(0, end);
  info.job_name = note->substr(end + 1, note->find('\0', end + 1) - end - 1);
  if (info.fingerprint != build_fingerprint())
    return Error(ErrorKind::kInput, "'" + path +
                                        "' was built against another Leat or compiler: it "
                                        "has '" +
                                        info.fingerprint + "', this is '" + build_fingerprint() +
                                        "'; build it again");
  return info;
}

const std::string& build_fingerprint() {
  static const std::string fingerprint = LEAT_FINGERPRINT;
  return fingerprint;
}

}  // namespace leat::runtime
