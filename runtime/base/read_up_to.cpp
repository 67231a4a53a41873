#include "runtime/base/read_up_to.hpp"

namespace leat {

Result<std::size_t> read_up_to(ReadableFile& file, std::uint64_t offset, std::span<char> into) {
  std::size_t done = 0;
  while (done < into.size()) {
    const auto read = file.read_at(offset + done, into.subspan(done));
    if (!read)
      return read.error();
    if (*read == 0)
      break;
    done += *read;
  }
  return done;
}

}  // namespace leat
