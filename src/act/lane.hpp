// What a lane of the dispatcher works with, and an attempt as it is taken up there.
#pragma once

#include <memory>
#include <stop_token>
#include <string>

#include "act/dispatcher.hpp"
#include "act/request_ends.hpp"

namespace linnet::act {

// One account's, one thread.
struct Lane {
  store::Database& database;
  store::Writer& writer;
  Clock& clock;
  const SecretBox& box;
  const BlockCheck& check;
  const DispatcherOptions& options;
  RequestEnds& ends;
  std::string worker;
  std::shared_ptr<connect::ActingConnector> connector;
};

struct Loaded {
  Attempt attempt;
  ActingAccount account;
  connect::Order order;
};
Result<Loaded> load(Lane& lane, const AttemptId& id);
// The order of an attempt that is sent, or was.
connect::Order order_of(const Attempt& attempt, const ActingAccount& account, connect::Draft draft);

// How long to rest after so many times.
Duration backoff(const DispatcherOptions& options, std::int64_t times);
// What a success leaves in the attempt.
void succeed(Attempt& attempt, std::string platform_id, const std::string& url, boost::json::object details,
             bool was_done_already, Instant now);

}  // namespace linnet::act
