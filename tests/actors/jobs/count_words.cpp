// Counts words separated by blanks. --output DIR writes them there, otherwise they come back to the
// client. --throw-at WORD makes the user function throw at that word.

#include <stdexcept>
#include <string>
#include <string_view>

#include <leat/leat.hpp>

LEAT_JOB(count_words) {
  const std::string poison = args.optional("throw-at").value_or("");
  auto counts = env.source(leat::text_files(args.required_list("input")))
                    .flat_map([poison](std::string_view line, leat::Collector<std::string>& out) {
                      while (!line.empty()) {
                        const std::size_t end = line.find(' ');
                        const std::string_view word = line.substr(0, end);
                        if (!poison.empty() && word == poison)
                          throw std::runtime_error("the word is poison");
                        if (!word.empty())
                          out.emit(word);
                        line.remove_prefix(end == std::string_view::npos ? line.size() : end + 1);
                      }
                    })
                    .key_by([](std::string_view word) { return word; })
                    .count();
  if (const auto directory = args.optional("output"))
    counts.sink(leat::text_directory(*directory));
  else
    counts.sink(leat::collect());
}
