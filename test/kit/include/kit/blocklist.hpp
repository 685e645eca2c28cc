// Entries and subjects of the blocklist for tests, with only what differs to be written.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "govern/blocklist_matcher.hpp"

namespace linnet::test {

inline govern::BlocklistEntry block_entry(govern::EntryType type, govern::MatchType match,
                                          std::string value) {
  govern::BlocklistEntry made;
  made.type = type;
  made.match = match;
  made.value = std::move(value);
  made.reason = "test";
  return made;
}

inline govern::BlockSubject block_subject(std::string name, std::string text = {},
                                          std::vector<std::string> links = {}) {
  return {"mastodon", "1", std::move(name), "p1", {std::move(text)}, std::move(links), "a.example"};
}

}  // namespace linnet::test
