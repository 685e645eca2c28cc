// Takes a person out of the lines of the event log: what they wrote goes, what others wrote stays without
// them.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/instant.hpp"
#include "connect/erased_payload.hpp"

namespace linnet::connect {

struct ErasedLine {
  using Change = ErasedPayload::Change;
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

  // What of it goes, the network of the line knows (log_lines.hpp). A line that cannot be read and holds the
  // id is blanked.
  ErasedLine erase(std::string_view line, Instant received_at);

 private:
  struct Parser;
  std::string account_id_;
  std::unique_ptr<Parser> parser_;
};

// The line that is left of an event nobody may read again.
std::string blank_line(Instant received_at);

}  // namespace linnet::connect
