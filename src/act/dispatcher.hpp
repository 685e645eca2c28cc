// Carries out what the gate let through: one lane for each account, so that a slow server holds up nobody
// else. Each action is written down before it is sent; what was sent and never answered is looked up on the
// platform before anything is sent again.
#pragma once

#include <functional>
#include <memory>

#include "act/gate.hpp"
#include "connect/acting_connector.hpp"
#include "store/leases.hpp"

namespace linnet::act {

// The connector that acts for an account; the dispatcher uses it from one thread at a time.
using ConnectorFor =
    std::function<Result<std::shared_ptr<connect::ActingConnector>>(const connect::AccountId&)>;

struct DispatcherOptions {
  Duration tick = std::chrono::milliseconds(200);
  Duration second_look_after = std::chrono::seconds(60);
  Duration late_after = std::chrono::minutes(5);
  Duration credentials_every = std::chrono::minutes(30);
  // A sign of life is seen when it is committed: the longest that this may take, and far more.
  Duration worker_dead_after = std::chrono::minutes(1);
  // Nobody else can be at work on this database: what others had in hand is taken over at once.
  bool is_alone = false;
  // Of several processes one works for an account; what a process that ended had in hand is taken over as
  // soon as its leases have run out. Null: there are none, and signs of life in the tables alone count.
  store::Leases* leases = nullptr;
  std::int64_t most_tries = 8;
  // The longest that a request may go on being carried out after it ended here, unanswered: before that no
  // "it is not there" is believed. A server remembers a repeated order only once it has carried it out.
  Duration on_its_way = std::chrono::minutes(5);
  // The same where a repeated order is not recognised, and would be carried out twice.
  Duration settle_time = std::chrono::minutes(15);
  Duration first_backoff = std::chrono::seconds(2);
  // What had to wait for longer after it was judged is judged once more before it is sent.
  Duration judgement_holds = std::chrono::seconds(1);
  // For so long nobody may be able to tell whether everything is stopped before what is in flight is cut: a
  // server that is started anew, or a moment without a free descriptor, cuts nothing.
  Duration unknown_stop_cuts_after = std::chrono::seconds(15);
  MediaStore media;  // where the files of posts are
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
