// Writes the seeded text that the word count benchmarks read: make_text [--bytes N] [--seed N]
// [--words N] FILE. The file appears under its name only when it is complete.
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <system_error>

#include "bench/data/text_writer.hpp"
#include "bench/data/vocabulary.hpp"

namespace {

struct Options {
  std::uint64_t bytes = 200'000'000;
  std::uint64_t seed = 1;
  std::uint64_t words = 300'000;
  std::string file;
};

[[noreturn]] void usage(const std::string& reason) {
  std::fprintf(stderr, "make_text: %s\nusage: make_text [--bytes N] [--seed N] [--words N] FILE\n",
               reason.c_str());
  std::exit(2);
}

std::uint64_t number(std::string_view option, std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size())
    usage(std::string(option) + " takes a whole number, not '" + std::string(text) + "'");
  return value;
}

Options parse(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (!word.starts_with("--")) {
      options.file = word;
      continue;
    }
    if (i + 1 == argc)
      usage(std::string(word) + " needs a value");
    const std::string_view value = argv[++i];
    if (word == "--bytes")
      options.bytes = number(word, value);
    else if (word == "--seed")
      options.seed = number(word, value);
    else if (word == "--words")
      options.words = number(word, value);
    else
      usage("unknown option " + std::string(word));
  }
  if (options.file.empty())
    usage("the file to write is missing");
  if (options.words == 0)
    usage("--words must be at least 1");
  return options;
}

}  // namespace

int main(int argc, char** argv) {
  const Options options = parse(argc, argv);
  const leat::bench::Vocabulary vocabulary({.words = options.words, .seed = options.seed});
  const std::string unfinished = options.file + ".unfinished";
  std::ofstream out(unfinished, std::ios::binary | std::ios::trunc);
  leat::bench::TextWriter writer(vocabulary, options.seed, [&out](std::string_view block) {
    out.write(block.data(), static_cast<std::streamsize>(block.size()));
    return out.good();
  });
  const bool written = writer.write(options.bytes);
  out.close();
  std::error_code error;
  if (written && out.good())
    std::filesystem::rename(unfinished, options.file, error);
  if (!written || !out.good() || error) {
    std::fprintf(stderr, "make_text: cannot write %s (is the disk full, the folder there?)\n",
                 options.file.c_str());
    return 1;
  }
  return 0;
}
