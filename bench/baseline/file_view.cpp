#include "bench/baseline/file_view.hpp"

#include <cerrno>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace leat::bench {
namespace {

[[noreturn]] void fail(const std::string& what, const std::string& path) {
  throw std::system_error(errno, std::generic_category(), what + " " + path);
}

}  // namespace

FileView::FileView(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0)
    fail("cannot open", path);
  struct stat status {};
  if (::fstat(descriptor, &status) != 0)
    fail("cannot stat", path);
  const auto size = static_cast<std::size_t>(status.st_size);
  if (size > 0) {
    void* start = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, descriptor, 0);
    if (start == MAP_FAILED)
      fail("cannot map", path);
    ::madvise(start, size, MADV_SEQUENTIAL);
    bytes_ = {static_cast<const char*>(start), size};
  }
  ::close(descriptor);
}

FileView::~FileView() {
  if (!bytes_.empty())
    ::munmap(const_cast<char*>(bytes_.data()), bytes_.size());
}

}  // namespace leat::bench
