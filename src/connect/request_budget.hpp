// The budget of requests that one server gives one account, shared by everything that asks it.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <stop_token>
#include <string>

#include "base/clock.hpp"
#include "base/guarded.hpp"
#include "connect/connector_health.hpp"
#include "net/rate_limit.hpp"

namespace linnet::connect {

enum class Priority {
  normal,      // someone waits: a gap, a sign-in
  background,  // may wait: leaves most of the budget to the others
};

struct RequestBudgetOptions {
  Duration longest_wait = std::chrono::minutes{20};  // beyond it a request is refused, not made to wait
  double background_share = 0.5;  // background work rests while less than this share of the window is left
  // How many processes ask the server in the same name, as far as is known: each keeps to its share.
  std::function<int()> sharers = [] { return 1; };
};

// So many requests in so much time.
struct Pace {
  std::int64_t requests = 0;
  Duration in{};
};

// Besides the budget of all requests servers have smaller ones for some kinds of them: posts, files,
// deletions. What is said of those says nothing about the rest. A kind has a name of the caller's choice; ""
// is all else. Thread-safe.
class RequestBudget {
 public:
  explicit RequestBudget(Clock& clock, RequestBudgetOptions options = {})
      : clock_(clock), options_(options) {}

  // What is kept to as long as the server says nothing of a budget.
  void assume(const Pace& pace);
  // Waits for the moment the next request may go, and counts it. `rate_limited` when that is too far off,
  // `cancelled` when stopped.
  Status wait(Priority priority, const std::stop_token& stop, std::string_view kind = {});
  // When that moment is, as far as is known now.
  [[nodiscard]] Instant next(Priority priority, std::string_view kind = {}) const;
  // `rate_limited` when that moment is far away: to be asked ahead of wait() for a person, whose request is
  // held up by it.
  [[nodiscard]] Status is_near(std::string_view kind = {}) const;
  // To be called with every answer, those to requests that write too.
  void on_response(int status, const net::Headers& headers, std::string_view kind = {});
  // The same, where the server says itself that it speaks of this kind alone.
  void on_response_of_kind(int status, const net::Headers& headers, std::string_view kind);

  [[nodiscard]] std::optional<RateLimitView> view() const;

 private:
  struct State {
    net::RateLimit limit{net::RateLimitOptions{}};
    std::map<std::string, net::RateLimit, std::less<>> kinds;
    std::optional<RateLimitView> view;
    std::optional<Pace> assumed;
    std::deque<Instant> sent;  // the newest requests, as far as `assumed` asks for them
  };
  // By what is assumed.
  [[nodiscard]] Instant next_by_pace(const State& state, Priority priority, Instant now) const;
  [[nodiscard]] Instant next_allowed(const State& state, Priority priority, std::string_view kind,
                                     Instant now) const;

  Clock& clock_;
  RequestBudgetOptions options_;
  Guarded<State> state_;
};

// One budget for all that asks a server in the name of an account, whatever part of the program it is.
// Thread-safe.
class RequestBudgets {
 public:
  explicit RequestBudgets(Clock& clock, RequestBudgetOptions options = {})
      : clock_(clock), options_(options) {}

  // `account` is empty for a guest. It stays as long as this does.
  RequestBudget& of(const std::string& server, const std::string& account);

 private:
  Clock& clock_;
  RequestBudgetOptions options_;
  Guarded<std::map<std::pair<std::string, std::string>, std::unique_ptr<RequestBudget>>> budgets_;
};

}  // namespace linnet::connect
