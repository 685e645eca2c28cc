// The words that models are asked with: versions that come with the program, and those that people wrote. A
// version never changes once it is there, so that what was made with it says what it was made with.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/instant.hpp"
#include "llm/provider.hpp"
#include "store/record/entity.hpp"

namespace linnet::llm {

struct PromptVersion {
  std::string id;  // "sentiment/2"
  std::string name;
  std::string version;
  std::string system_text;  // Mustache (prompt_template.hpp)
  std::string user_text;
  std::string note;
  std::string written_by;
  std::optional<Instant> written_at;
  bool is_shipped = false;
  bool is_in_use = false;
  std::vector<std::string> variables;
};

// By name, the oldest first; those that came with the program before those that people wrote.
Result<std::vector<PromptVersion>> list_prompts(store::Connection& connection);
// Empty: the version in use. `not_found` says what there is.
Result<PromptVersion> find_prompt(store::Connection& connection, std::string_view name,
                                  std::string_view version);

struct NewPromptVersion {
  std::string system_text;
  std::string user_text;
  std::string note;
};
// Of a prompt that there is: "e1", "e2" …. `invalid` where it cannot be read, or names a variable that the
// prompt's newest version does not: nobody would give it.
Result<PromptVersion> write_prompt_version(store::Connection& connection, std::string_view name,
                                           const NewPromptVersion& wanted, const Change& by);
Status choose_prompt_version(store::Connection& connection, std::string_view name, std::string_view version,
                             const Change& by);

}  // namespace linnet::llm

template <>
const linnet::record::Entity& linnet::record::entity_of<linnet::llm::PromptVersion>();
template <>
const linnet::record::Entity& linnet::record::entity_of<linnet::llm::NewPromptVersion>();
