// Reads the counts of young posts again, each by its own age (poll_schedule.hpp): streams carry no counts.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <queue>
#include <stop_token>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/clock.hpp"
#include "base/guarded.hpp"
#include "base/ids.hpp"
#include "connect/event_sink.hpp"
#include "connect/mastodon/api_client.hpp"
#include "store/database.hpp"

namespace linnet::connect::mastodon {

struct CountPollerOptions {
  std::size_t batch = 40;
  Duration reload_every = std::chrono::minutes{5};  // how often posts that fall due are looked up
  Duration fill_up_for = std::chrono::minutes{1};   // how long a due post waits for others to share its call
  std::size_t queue_limit = 50'000;                 // most posts held; the longest overdue are kept
  Duration confirm_missing_after = std::chrono::minutes{10};
};

struct CountPollerFigures {
  std::uint64_t polled = 0;   // posts read
  std::uint64_t calls = 0;    // batches asked for
  std::uint64_t deleted = 0;  // found to be deleted
  std::uint64_t errors = 0;
  std::size_t waiting = 0;  // due, or soon
  std::string last_error;
};

// One for each server. Takes only what the server's budget leaves (Priority::background).
//
// A post that is missing in an answer is asked for by itself; when the server says 410, or 404 twice with
// `confirm_missing_after` between, it is handed on as a `delete` event. While a server shows us nothing at
// all, nothing is taken for deleted.
class CountPoller {
 public:
  // All outlive the poller.
  CountPoller(ApiClient& api, store::Database& database, InstanceId instance, EventSink& sink, Clock& clock,
              CountPollerOptions options = {});

  // Reads what is due, once; how many posts it read.
  Result<std::size_t> poll_due(const std::stop_token& stop);
  // From any thread.
  [[nodiscard]] CountPollerFigures figures() const;

 private:
  struct Due {
    Instant at;
    std::string id;
    friend bool operator<(const Due& a, const Due& b) { return a.at != b.at ? a.at < b.at : a.id < b.id; }
    friend bool operator>(const Due& a, const Due& b) { return b < a; }
  };

  struct Trouble {
    int failures = 0;
    Instant last{};
  };
  // What went wrong while reading what is due.
  struct Round {
    std::vector<Due> failed;
    std::unordered_set<std::string> left_out;  // that failed by themselves, though their batch was answered
    std::optional<Error> error;
    int in_a_row = 0;
  };

  Status reload(Instant now);
  std::vector<Due> take_batch(Instant now);
  // In ever smaller parts where the whole fails, so that one post alone is left out.
  Status poll_apart(std::vector<Due> batch, const std::stop_token& stop, Round& round);
  void note_trouble(const std::string& id, const Error& error);
  [[nodiscard]] Instant not_before(const std::string& id, Instant due) const;
  Status poll(const std::vector<std::string>& ids, const std::stop_token& stop, Round& round);
  Status look_for_missing(const ApiClient::Batch& batch, const std::stop_token& stop, std::size_t found,
                          std::vector<std::string>& lines, Round& round);
  bool is_deleted(const std::string& id, bool is_gone, bool server_shows_others, Instant now);
  [[nodiscard]] std::size_t batch_size() const;

  ApiClient& api_;
  store::Database& database_;
  InstanceId instance_;
  EventSink& sink_;
  Clock& clock_;
  CountPollerOptions options_;
  std::priority_queue<Due, std::vector<Due>, std::greater<>> queue_;
  // What was read lately, which the tables may not hold yet.
  std::unordered_map<std::string, Instant> polled_;
  std::unordered_map<std::string, Instant> missing_since_;
  std::unordered_map<std::string, Trouble> trouble_;  // posts that could not be read by themselves
  std::optional<Instant> loaded_at_;
  bool sink_is_closed_ = false;
  Guarded<CountPollerFigures> figures_;
};

}  // namespace linnet::connect::mastodon
