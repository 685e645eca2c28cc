// Whom a draft reaches besides its target: who sees it, and whom its text names.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "connect/acting_connector.hpp"

namespace linnet::connect {

// `invalid` for anything but public, unlisted and private: what only those named in it see is a message, and
// goes by dm_send, which the rules for messages judge.
Status check_visibility(const Draft& draft, model::ActionType type);

// A place where a text names an account: of bytes, with the «@».
struct Mention {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string name;  // "bob@far.example"
};
// What any platform takes for a mention is among them, in the order of the text.
std::vector<Mention> find_mentions(std::string_view text);

// The accounts that a text names, without the «@» in front, each once, in the order of the text: "bob",
// "bob@far.example", "bob.bsky.social". Whoever is only in an address is not among them.
std::vector<std::string> mentioned_names(std::string_view text);

}  // namespace linnet::connect
