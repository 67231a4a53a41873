#include "runtime/api/arguments.hpp"

#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace leat {
namespace {

std::string refusal(const std::vector<std::string>& words,
                    const std::function<void(const Arguments&)>& ask) {
  try {
    const Arguments arguments(words);
    ask(arguments);
    arguments.refuse_unknown();
    return "nothing was refused";
  } catch (const ArgumentError& error) {
    return error.what();
  }
}

TEST(Arguments, TakesValuesInAllTheirForms) {
  const Arguments arguments({"--input", "a", "b", "--input=c", "--count", "17", "--fast"});
  EXPECT_EQ(arguments.required_list("input"), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(arguments.required_number("count"), 17U);
  EXPECT_TRUE(arguments.flag("fast"));
  EXPECT_FALSE(arguments.flag("slow"));
  EXPECT_FALSE(arguments.optional("output").has_value());
  arguments.refuse_unknown();
}

TEST(Arguments, RefusesInWords) {
  const auto input = [](const Arguments& args) { (void)args.required("input"); };
  const auto count = [](const Arguments& args) { (void)args.required_number("count"); };
  EXPECT_EQ(refusal({}, input), "the job needs --input VALUE");
  EXPECT_EQ(refusal({"--input"}, input), "--input needs a value");
  EXPECT_EQ(refusal({"--input="}, input), "--input needs a value");
  EXPECT_EQ(refusal({"--input", "a", "b"}, input), "--input takes one value; 2 were given");
  EXPECT_EQ(refusal({"--count", "1x"}, count), "--count takes a whole number, not '1x'");
  EXPECT_EQ(refusal({"--count", "-1"}, count), "--count takes a whole number, not '-1'");
  EXPECT_EQ(refusal({"--count", "99999999999999999999"}, count),
            "--count 99999999999999999999: the number is too large");
  EXPECT_EQ(refusal({"stray"}, input),
            "'stray' belongs to no option; job arguments are --name value");
  EXPECT_EQ(refusal({"--input", "a", "--inptu", "b"}, input),
            "the job knows no --inptu; did you mean --input?");
  EXPECT_EQ(refusal({"--fast", "yes"}, [](const Arguments& args) { (void)args.flag("fast"); }),
            "--fast takes no value, not 'yes'");
}

}  // namespace
}  // namespace leat
