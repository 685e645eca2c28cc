// Carries out what the gate let through: one lane for each account, so that a slow server holds up nobody
// else. Each action is written down before it is sent; what was sent and never answered is looked up on the
// platform before anything is sent again.
#pragma once

#include <functional>
#include <memory>

#include "act/gate.hpp"
#include "connect/acting_connector.hpp"

namespace linnet::act {

// The connector that acts for an account; the dispatcher uses it from one thread at a time.
using ConnectorFor =
    std::function<Result<std::shared_ptr<connect::ActingConnector>>(const connect::AccountId&)>;

struct DispatcherOptions {
  Duration tick = std::chrono::milliseconds(200);
  Duration second_look_after = std::chrono::seconds(60);
  Duration late_after = std::chrono::minutes(5);
  Duration credentials_every = std::chrono::minutes(30);
  Duration worker_dead_after = std::chrono::seconds(3);
  std::int64_t most_tries = 8;
  // Before a first "it is not there" is believed on a platform that does not know repeated orders.
  Duration settle_time = std::chrono::minutes(2);
  // The longest that a request which was cut off may still be under way.
  Duration on_its_way = std::chrono::seconds(30);
  Duration first_backoff = std::chrono::seconds(2);
};

class Dispatcher {
 public:
  // All outlive the dispatcher. Takes up at once what an earlier process left.
  static Result<std::unique_ptr<Dispatcher>> start(store::Database& database, store::Writer& writer,
                                                   Clock& clock, const SecretBox& box, Gate& gate,
                                                   BlockCheck check, ConnectorFor connector_for,
                                                   DispatcherOptions options = {});
  // Lets requests in flight end for a moment, then cuts them: their outcome is then looked up by the next
  // process.
  virtual ~Dispatcher() = default;

  // Something may have become due. Thread-safe; returns at once.
  virtual void wake() = 0;
};

}  // namespace linnet::act
