// Counts the words of text files.
//
//   leat local --mode batch word_count.so --input PATH… [--output DIR]
//
// PATH is a file or a directory. With --output, lines `word<TAB>count` are written below DIR;
// without it they come back to the terminal. In batch mode each word appears once, with its final
// count; in streaming mode a line is written for every update.

#include <leat/leat.hpp>

LEAT_JOB(word_count) {
  const auto counts = env.source(leat::text_files(args.required_list("input")))
                          .flat_map([](std::string_view line, leat::Collector<std::string>& out) {
                            leat::words(line, out);
                          })
                          .key_by([](std::string_view word) { return word; })
                          .count();
  if (const auto output = args.optional("output"))
    counts.sink(leat::text_directory(*output));
  else
    counts.sink(leat::collect());
}
