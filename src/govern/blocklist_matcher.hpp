// Whether anything of the blocklist stands against a person or a post.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "govern/blocklist_entry.hpp"

namespace linnet::govern {

// What is looked at.
struct BlockSubject {
  std::string platform;
  std::string user_id;
  std::string user_name;  // "ada@example.social"
  std::string post_id;
  std::vector<std::string> texts;
  std::vector<std::string> links;
  std::string server;  // host of the instance that is dealt with, where its ids are its own
};

// Made once from the entries, then asked by any number of threads. Exact users, posts and domains are looked
// up by hash; words are found in one pass over the text; patterns by RE2, so that none can hang it.
class BlocklistMatcher {
 public:
  explicit BlocklistMatcher(std::vector<BlocklistEntry> entries);
  ~BlocklistMatcher();
  BlocklistMatcher(const BlocklistMatcher&) = delete;
  BlocklistMatcher& operator=(const BlocklistMatcher&) = delete;

  // The entry that stands against it: a person's own word before any other; nullptr when none does. An entry
  // that has expired at `now` does not count.
  [[nodiscard]] const BlocklistEntry* find(const BlockSubject& subject, Instant now) const;
  // Every entry that fits, once: opt-outs first, else in the order of the list.
  [[nodiscard]] std::vector<const BlocklistEntry*> find_all(const BlockSubject& subject, Instant now) const;

  [[nodiscard]] std::size_t size() const;

 private:
  struct Tables;
  std::unique_ptr<Tables> tables_;
};

}  // namespace linnet::govern
