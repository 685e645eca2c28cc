// What follows behind the tables with marks of its own: the search index and the sentiment of posts.
#pragma once

#include "base/clock.hpp"
#include "store/writer.hpp"

namespace linnet::analyze {

struct FollowerState {
  std::int64_t mark = 0;  // row number of the last post read
  std::int64_t lag = 0;   // row numbers not read yet
};

// Brings the search index on by up to `most` posts and as many changes; false when there was nothing to do.
// What was taken out of the tables meanwhile is not written; where they were emptied, the index begins anew.
Result<bool> follow_with_search(store::Connection& reader, store::Connection& search_writer,
                                std::int64_t most);

// The same for messages of servers with channels, which stand in the same index.
Result<bool> follow_messages_with_search(store::Connection& reader, store::Connection& search_writer,
                                         std::int64_t most);

// The same for sentiment: each version of each post once per model; equal texts are scored once.
Result<bool> follow_with_sentiment(store::Connection& reader, store::Writer& writer, Clock& clock,
                                   std::int64_t most);

Result<FollowerState> search_state(store::Connection& reader);
Result<FollowerState> sentiment_state(store::Connection& reader);

}  // namespace linnet::analyze
