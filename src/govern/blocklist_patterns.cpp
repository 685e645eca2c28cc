#include "govern/blocklist_patterns.hpp"

#include "base/log.hpp"
#include "base/text.hpp"

namespace linnet::govern {
namespace {

constexpr std::int64_t kSetMemory = 256 << 20;
constexpr std::int64_t kPatternMemory = 1 << 20;

RE2::Options options_with(std::int64_t memory) {
  RE2::Options options(RE2::Quiet);
  options.set_case_sensitive(false);
  options.set_max_mem(memory);
  return options;
}

}  // namespace

std::unique_ptr<RE2> compile_pattern(std::string_view pattern) {
  // Composed, not NFKC: that would make «（» a parenthesis.
  return std::make_unique<RE2>(to_nfc(pattern), options_with(kPatternMemory));
}

void PatternTable::add(std::string_view pattern, std::size_t number) {
  auto compiled = compile_pattern(pattern);
  if (!compiled->ok()) {
    log::error("blocklist: a pattern is left out: {}", compiled->error());
    return;
  }
  single_.push_back(std::move(compiled));
  numbers_.push_back(number);
}

void PatternTable::build() {
  if (single_.empty()) return;
  auto set = std::make_unique<RE2::Set>(options_with(kSetMemory), RE2::UNANCHORED);
  for (const auto& pattern : single_) {
    if (set->Add(pattern->pattern(), nullptr) < 0) return;
  }
  if (set->Compile()) set_ = std::move(set);
}

std::vector<std::size_t> PatternTable::match(std::string_view text) const {
  std::vector<std::size_t> found;
  if (single_.empty() || text.empty()) return found;
  match_form(text, found);
  // As written first: a pattern may ask for the very characters that NFKC replaces.
  if (const auto form = to_nfkc(text); form != text) match_form(form, found);
  return found;
}

void PatternTable::match_form(std::string_view text, std::vector<std::size_t>& found) const {
  std::vector<int> matched;
  RE2::Set::ErrorInfo error{};
  if (set_ && (set_->Match(text, &matched, &error) || error.kind == RE2::Set::kNoError)) {
    for (const int at : matched) found.push_back(numbers_[static_cast<std::size_t>(at)]);
    return;
  }
  for (std::size_t i = 0; i < single_.size(); ++i) {
    if (RE2::PartialMatch(text, *single_[i])) found.push_back(numbers_[i]);
  }
}

}  // namespace linnet::govern
