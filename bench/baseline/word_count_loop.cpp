// Counts words in one thread of plain code: what the engine's word count is measured against.
// word_count_loop plain|tuned|packed OUTPUT INPUT...   writes lines word<TAB>count to OUTPUT.
#include <cstdio>
#include <exception>
#include <span>
#include <string>
#include <string_view>

#include "bench/baseline/file_view.hpp"
#include "bench/baseline/packed_word_count.hpp"
#include "bench/baseline/plain_word_count.hpp"
#include "bench/baseline/result_writer.hpp"
#include "bench/baseline/tuned_word_count.hpp"

namespace {

template <class WordCount>
void count_words(const std::string& output, std::span<char*> inputs) {
  WordCount words;
  for (const char* input : inputs)
    words.add(leat::bench::FileView(input).bytes());
  leat::bench::ResultWriter result(output);
  words.for_each(
      [&result](std::string_view word, std::uint64_t count) { result.add(word, count); });
  result.close();
}

int run(std::string_view loop, const std::string& output, std::span<char*> inputs) {
  if (loop == "plain")
    count_words<leat::bench::PlainWordCount>(output, inputs);
  else if (loop == "tuned")
    count_words<leat::bench::TunedWordCount>(output, inputs);
  else if (loop == "packed")
    count_words<leat::bench::PackedWordCount>(output, inputs);
  else
    return 2;
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  constexpr std::string_view kUsage = "usage: word_count_loop plain|tuned|packed OUTPUT INPUT...\n";
  int status = 2;
  try {
    if (argc >= 4)
      status = run(argv[1], argv[2], std::span(argv + 3, argv + argc));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "word_count_loop: %s\n", error.what());
    return 1;
  }
  if (status == 2)
    std::fputs(kUsage.data(), stderr);
  return status;
}
