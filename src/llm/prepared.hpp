// A question made ready: its prompt rendered, its schema looked at, and what stands for it in the tables.
#pragma once

#include <string>

#include "llm/door.hpp"
#include "llm/prompts.hpp"
#include "llm/wire.hpp"

namespace linnet::llm {

// Stands for a text in the tables. What not everybody may see is put under a key of the database, as a plain
// hash would confirm every guess.
class TextHashes {
 public:
  explicit TextHashes(std::string key) : key_(std::move(key)) {}
  // The database's key, which is made at first use; within the caller's writing transaction.
  static Result<std::string> open_key(store::Connection& connection, const SecretBox& box);
  [[nodiscard]] std::string of(std::string_view text, Privacy privacy) const;

 private:
  std::string key_;
};

struct Prepared {
  Conversation conversation;
  std::string prompt;
  std::string prompt_version;
  std::string input_hash;
};

// `invalid`, `not_found` as the prompt, its variables and the schema are.
Result<Prepared> prepare(const Question& question, const PromptVersion& prompt, const TextHashes& hashes);

// SHA-256 over the model, the prompt's version, what was rendered and its parameters.
std::string cache_key_of(const Question& question, const Prepared& prepared, std::string_view model,
                         const TextHashes& hashes);

// What is said to a model that is asked for JSON, and to one whose answer did not fit.
std::string about_schema(const boost::json::object& schema);
std::string about_mistake(const Error& mistake);

}  // namespace linnet::llm
