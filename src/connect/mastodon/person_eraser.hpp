// Takes a person out of the lines of the event log: what they wrote goes, what others wrote stays without
// them.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/instant.hpp"

namespace linnet::connect::mastodon {

// Stands for the id of a post whose author was erased.
constexpr std::string_view kErasedPost = "erased";

struct ErasedLine {
  enum class Change { none, rewritten, blanked };
  Change change = Change::none;
  std::string line;       // in place of the one that was there; empty when nothing changed
  std::string status_id;  // of the post that the line is now about; empty: none
};

// Keeps its buffers between lines; one per thread.
class PersonEraser {
 public:
  // The id of the account on the instance that the lines come from.
  explicit PersonEraser(std::string account_id);
  ~PersonEraser();
  PersonEraser(const PersonEraser&) = delete;
  PersonEraser& operator=(const PersonEraser&) = delete;

  // Their own posts are blanked; a post they boosted stays as an event of its own; somebody's boost of their
  // post, a reply to them or a mention of them loses what points at them. Words that others wrote about them
  // stay. A line that cannot be read and holds the id is blanked.
  ErasedLine erase(std::string_view line, Instant received_at);

 private:
  struct Parsers;
  std::string account_id_;
  std::unique_ptr<Parsers> parsers_;
};

// The line that is left of an event nobody may read again.
std::string blank_line(Instant received_at);

}  // namespace linnet::connect::mastodon
