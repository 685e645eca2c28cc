// Two versions of a prompt side by side, on the same texts.
#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "llm/door.hpp"
#include "llm/prompts.hpp"

namespace linnet::llm {

inline constexpr std::int64_t kMostCompared = 100;

struct ComparedText {
  std::string text;
  std::string first;   // what the first version gave; empty where there is an error
  std::string second;  // the other
  std::string error;
  bool agree = false;
};

struct PromptComparison {
  std::string name;
  std::string first;
  std::string second;
  std::vector<ComparedText> texts;
  double agreement = 0;  // of those that both answered
  std::int64_t first_cost_micros = 0;
  std::int64_t second_cost_micros = 0;
};

struct WantedComparison {
  std::string name;
  std::string first;
  std::string second;
  std::int64_t sample = 10;  // so many of the newest posts that everybody may see
  std::string asked_by;
};

// `invalid` for a prompt that is asked about something else than one text: who gives it more has to compare
// it.
Result<PromptComparison> compare_prompts(LanguageModels& models, store::Database& database,
                                         const WantedComparison& wanted, const std::stop_token& stop);

}  // namespace linnet::llm

template <>
const linnet::record::Entity& linnet::record::entity_of<linnet::llm::ComparedText>();
template <>
const linnet::record::Entity& linnet::record::entity_of<linnet::llm::PromptComparison>();
