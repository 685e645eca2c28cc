// What people paste where a platform's own id or an address is wanted: handles, links to profiles and posts.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace linnet::model {

// Without white space around, and without the marks in it that nobody sees and that apps put around what is
// copied; a full-width «＠» as «@».
std::string clean_name(std::string_view given);

// A link to a page of a network.
struct PageLink {
  std::string server;             // host, with the port where it is not the usual one
  std::vector<std::string> path;  // decoded, without empty parts
};
// Of cleaned text; nullopt for anything but http and https.
std::optional<PageLink> parse_page_link(std::string_view text);

// Whose profile a link shows, where its form says it: "ada@far.example" for https://far.example/@ada, the
// handle or DID for https://bsky.app/profile/…. nullopt for links to anything else, posts among them.
std::optional<std::string> address_of_profile(const PageLink& link);
// The same of anything that was typed: of a link to a profile its address, of «acct:ada@far.example» what is
// behind the colon; else the text, cleaned.
std::string address_as_typed(std::string_view given);

// `invalid`, with `field` in front, for «ada@one.example@two.example», which nobody can be; links may hold
// more.
Status refuse_two_servers(std::string_view field, std::string_view address);

}  // namespace linnet::model
