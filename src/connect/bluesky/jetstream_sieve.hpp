// Turns what Jetstream says into the lines that are handed on, and leaves out what nobody watches.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "connect/bluesky/jetstream_interest.hpp"
#include "connect/bluesky/jetstream_message.hpp"
#include "connect/bluesky/known_posts.hpp"

namespace linnet::connect::bluesky {

// Lines bear the time at which Jetstream saw the event: read again, it makes the same line, which changes
// nothing. Not thread-safe.
class JetstreamSieve {
 public:
  // `known` outlives the sieve.
  explicit JetstreamSieve(KnownPosts& known) : known_(known) {}

  // Posts that are watched; edits and deletions of those that are kept; new handles of their authors; of an
  // account that was deleted or taken down, that all its posts are, and that they are back. `frame` is what
  // `message` was read from. An error is the database's.
  Result<std::vector<std::string>> sift(const JetstreamMessage& message, std::string_view frame,
                                        const Interest& interest);

  // Authors of posts that are kept whose handle changed, into one that the stream did not tell.
  std::vector<std::string> take_renamed() { return std::exchange(renamed_, {}); }

 private:
  Result<std::vector<std::string>> sift_commit(const JetstreamMessage& message, std::string_view frame,
                                               const Interest& interest);
  Result<std::vector<std::string>> sift_account(const JetstreamMessage& message, std::string_view frame);
  Result<std::vector<std::string>> sift_identity(const JetstreamMessage& message, std::string_view frame);
  Result<std::vector<std::string>> posts_concerned(const JetstreamMessage& message);
  Result<bool> had_post(std::string_view uri, Instant at);
  Result<bool> had_account(std::string_view did, Instant at);
  void note(std::string_view uri, Instant at);

  using Recent = std::map<std::string, Instant, std::less<>>;

  KnownPosts& known_;
  // What was handed on lately, which the tables may not hold yet, and when it was seen first.
  Recent recent_;
  std::deque<Recent::iterator> order_;
  // Of takedowns that were handed on lately, by account.
  std::map<std::string, std::vector<std::string>, std::less<>> taken_down_;
  std::vector<std::string> renamed_;
};

// A frame that is no message: kept all the same, with its bytes, as an event that cannot be understood.
std::string line_of_unreadable(std::string_view frame, Instant now);

}  // namespace linnet::connect::bluesky
