// How many words of each length does a text have, and which one comes first in the alphabet?

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include <leat/leat.hpp>

struct LengthCount {
  std::uint64_t length = 0;
  std::uint64_t words = 0;
  std::string first;
};
LEAT_RECORD(LengthCount, length, words, first)

LEAT_JOB(word_lengths) {
  env.source(leat::text_files(args.required("input")))
      .flat_map([](std::string_view line, leat::Collector<std::string>& out) {
        leat::words(line, out);
      })
      .map([](std::string_view word) {
        return LengthCount{word.size(), 1, std::string(word)};
      })
      .key_by([](const LengthCount& count) { return count.length; })
      .reduce([](const LengthCount& a, const LengthCount& b) {
        return LengthCount{a.length, a.words + b.words, std::min(a.first, b.first)};
      })
      .map([](const LengthCount& count) {
        return std::to_string(count.length) + '\t' + std::to_string(count.words) + '\t' +
               count.first;
      })
      .sink(leat::text_directory(args.required("output")));
}
