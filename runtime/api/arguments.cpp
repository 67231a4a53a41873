#include "runtime/api/arguments.hpp"

#include <charconv>

#include "runtime/base/nearest_name.hpp"

namespace leat {

namespace {

std::uint64_t parse_number(const std::string& name, const std::string& text) {
  std::uint64_t value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code == std::errc::result_out_of_range)
    throw ArgumentError("--" + name + " " + text + ": the number is too large");
  if (code != std::errc() || end != text.data() + text.size())
    throw ArgumentError("--" + name + " takes a whole number, not '" + text + "'");
  return value;
}

}  // namespace

Arguments::Arguments(const std::vector<std::string>& words) {
  std::vector<std::string>* current = nullptr;
  for (const std::string& word : words) {
    if (word.size() > 2 && word.starts_with("--")) {
      const std::size_t equals = word.find('=');
      current = &values_[word.substr(2, equals == std::string::npos ? equals : equals - 2)];
      if (equals != std::string::npos) {
        current->push_back(word.substr(equals + 1));
        current = nullptr;
      }
    } else if (current != nullptr) {
      current->push_back(word);
    } else {
      throw ArgumentError("'" + word + "' belongs to no option; job arguments are --name value");
    }
  }
}

const std::vector<std::string>* Arguments::find(const std::string& name) const {
  asked_.insert(name);
  const auto found = values_.find(name);
  return found == values_.end() ? nullptr : &found->second;
}

std::optional<std::string> Arguments::optional(const std::string& name) const {
  const auto* values = find(name);
  if (values == nullptr)
    return std::nullopt;
  if (values->size() > 1)
    throw ArgumentError("--" + name + " takes one value; " + std::to_string(values->size()) +
                        " were given");
  if (values->empty() || values->front().empty())
    throw ArgumentError("--" + name + " needs a value");
  return values->front();
}

std::string Arguments::required(const std::string& name) const {
  auto value = optional(name);
  if (!value)
    throw ArgumentError("the job needs --" + name + " VALUE");
  return *value;
}

std::vector<std::string> Arguments::required_list(const std::string& name) const {
  const auto* values = find(name);
  if (values == nullptr || values->empty())
    throw ArgumentError("the job needs --" + name + " VALUE…");
  for (const std::string& value : *values) {
    if (value.empty())
      throw ArgumentError("--" + name + ": an empty value was given");
  }
  return *values;
}

std::optional<std::uint64_t> Arguments::optional_number(const std::string& name) const {
  const auto text = optional(name);
  if (!text)
    return std::nullopt;
  return parse_number(name, *text);
}

std::uint64_t Arguments::required_number(const std::string& name) const {
  return parse_number(name, required(name));
}

bool Arguments::flag(const std::string& name) const {
  const auto* values = find(name);
  if (values != nullptr && !values->empty())
    throw ArgumentError("--" + name + " takes no value, not '" + values->front() + "'");
  return values != nullptr;
}

void Arguments::refuse_unknown() const {
  for (const auto& [name, values] : values_) {
    if (asked_.contains(name))
      continue;
    std::string message = "the job knows no --" + name;
    if (const auto near = nearest_name(name, {asked_.begin(), asked_.end()}))
      message += "; did you mean --" + *near + "?";
    throw ArgumentError(message);
  }
}

}  // namespace leat
