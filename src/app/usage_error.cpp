#include "app/usage_error.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <numeric>
#include <string_view>
#include <vector>

namespace linnet::app {
namespace {

// The command that was given, as far as it is one.
const CLI::App& deepest(const CLI::App& program) {
  const auto given = program.get_subcommands();
  return given.empty() ? program : deepest(*given.front());
}

std::string name_of(const CLI::App& command) {
  const auto* const parent = command.get_parent();
  return parent == nullptr ? command.get_name() : name_of(*parent) + " " + command.get_name();
}

// How many letters have to change (Levenshtein).
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const auto above = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
      diagonal = above;
    }
  }
  return row[b.size()];
}

std::string nearest_command(const CLI::App& command, std::string_view word) {
  constexpr std::size_t kFar = 3;
  std::string best;
  std::size_t least = std::min(kFar, word.size());
  for (const auto* const one : command.get_subcommands({})) {
    const auto& name = one->get_name();
    const auto far = name.starts_with(word) ? 1 : distance(word, name);
    if (far >= least) continue;
    least = far;
    best = name;
  }
  return best;
}

bool takes_no_value(const CLI::App& command, const std::string& word) {
  if (!word.starts_with("--")) return false;
  const auto* const option = command.get_option_no_throw(word);
  return option != nullptr && option->get_items_expected_max() == 0;
}

std::string unexpected(const CLI::App& command, const std::string& word, std::span<const char* const> words) {
  if (word.starts_with('-')) return fmt::format("{} has no option {}.", name_of(command), word);
  for (std::size_t i = 1; i < words.size(); ++i) {
    if (words[i] == word && takes_no_value(command, words[i - 1]))
      return fmt::format("{} takes no value.", words[i - 1]);
  }
  if (command.get_subcommands({}).empty())
    return fmt::format("{} does not take \"{}\" here.", name_of(command), word);
  const auto nearest = nearest_command(command, word);
  return fmt::format("There is no command \"{} {}\".{}", name_of(command), word,
                     nearest.empty() ? "" : fmt::format(" Did you mean {}?", nearest));
}

// "Could not convert: --port = abc" says neither what is wrong nor what would do.
std::string unconverted(std::string_view text) {
  constexpr std::string_view kPrefix = "Could not convert: ";
  const auto equals = text.find(" = ");
  if (!text.starts_with(kPrefix) || equals == std::string_view::npos) return std::string(text) + ".";
  const auto option = text.substr(kPrefix.size(), equals - kPrefix.size());
  return fmt::format("{}: expected {}, got \"{}\".", option,
                     option == "--port" ? "a port from 0 to 65535" : "a number", text.substr(equals + 3));
}

std::string what_is_wrong(const CLI::App& program, const CLI::App& command, const CLI::ParseError& error,
                          std::span<const char* const> words) {
  // What a command does not know falls through to those above it.
  const auto extras = program.remaining(true);
  if (!extras.empty()) return unexpected(command, extras.front(), words);
  if (error.get_name() == "ConversionError") return unconverted(error.what());
  if (error.get_name() == "RequiredError" && !command.get_subcommands({}).empty())
    return fmt::format("{}: say what to do.", name_of(command));
  return std::string(error.what()) + ".";
}

}  // namespace

std::string explain_usage(const CLI::App& program, const CLI::ParseError& error,
                          std::span<const char* const> words) {
  const auto& command = deepest(program);
  return fmt::format("{} {} --help shows what there is.", what_is_wrong(program, command, error, words),
                     name_of(command));
}

}  // namespace linnet::app
