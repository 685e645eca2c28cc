#include "connect/request_budget.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/instant_words.hpp"

namespace linnet::connect {

namespace {

// Longer windows are those of single kinds of requests.
constexpr auto kShortWindow = std::chrono::minutes(5);
// Of a person in front of a browser or a terminal.
constexpr auto kLongestWait = std::chrono::seconds(10);

// Which budget an answer to a request of one kind tells of: that of its kind, or that of all.
bool tells_of_all(const net::RateLimit& all, const net::RateLimit& answer, int status, Instant now) {
  if (all.is_told_by(answer, now)) return true;
  if (status != 429) return false;
  if (!answer.remaining()) return true;  // it names no budget
  return !all.limit() && answer.reset_at() && *answer.reset_at() - now <= kShortWindow;
}

Error not_until(Instant next) {
  return Error::of(ErrorKind::rate_limited,
                   fmt::format("the server asks for no more requests until {}", in_words(next)));
}

}  // namespace

void RequestBudget::assume(const Pace& pace) {
  state_.with([&](State& state) { state.assumed = pace; });
}

Instant RequestBudget::next_by_pace(const State& state, Priority priority, Instant now) const {
  if (!state.assumed || state.limit.remaining()) return now;
  const auto& pace = *state.assumed;
  const auto share = priority == Priority::background ? options_.background_share : 1.0;
  const auto most = std::max<std::size_t>(
      1,
      static_cast<std::size_t>(static_cast<double>(pace.requests) * share / std::max(1, options_.sharers())));
  if (state.sent.size() < most) return now;
  const auto before = state.sent[state.sent.size() - most];
  // One from the future is from before the clock was set back.
  return before > now ? now : std::max(now, before + pace.in);
}

Instant RequestBudget::next_allowed(const State& state, Priority priority, std::string_view kind,
                                    Instant now) const {
  const int sharers = options_.sharers();
  auto next = std::max(state.limit.next_allowed(now, sharers), next_by_pace(state, priority, now));
  if (const auto own = state.kinds.find(kind); own != state.kinds.end())
    next = std::max(next, own->second.next_allowed(now, sharers));
  if (priority == Priority::normal || !state.view) return next;
  const auto remaining = state.limit.remaining();
  const auto& view = *state.view;
  if (!view.limit || !remaining || !view.reset_at || *view.reset_at <= now) return next;
  const auto kept = static_cast<double>(*view.limit) * options_.background_share;
  return static_cast<double>(*remaining) > kept ? next : std::max(next, *view.reset_at);
}

Status RequestBudget::wait(Priority priority, const std::stop_token& stop, std::string_view kind) {
  const auto start = clock_.now();
  while (true) {
    if (stop.stop_requested()) return Error::of(ErrorKind::cancelled, "stopped");
    const auto now = clock_.now();
    // Asked and counted in one step, so that two threads do not take the same place.
    const auto next = state_.with([&](State& state) {
      const auto at = next_allowed(state, priority, kind, now);
      if (at > now) return at;
      state.limit.on_request(now);
      if (state.assumed) {
        state.sent.push_back(now);
        while (state.sent.size() > static_cast<std::size_t>(state.assumed->requests)) state.sent.pop_front();
      }
      if (const auto own = state.kinds.find(kind); own != state.kinds.end()) own->second.on_request(now);
      return at;
    });
    if (next <= now) return {};
    if (next - start > options_.longest_wait) return not_until(next);
    if (!clock_.sleep_until(next, stop)) return Error::of(ErrorKind::cancelled, "stopped");
  }
}

Instant RequestBudget::next(Priority priority, std::string_view kind) const {
  const auto now = clock_.now();
  return state_.with([&](const State& state) { return next_allowed(state, priority, kind, now); });
}

Status RequestBudget::is_near(std::string_view kind) const {
  const auto at = next(Priority::normal, kind);
  return at - clock_.now() > kLongestWait ? Status(not_until(at)) : Status();
}

void RequestBudget::on_response(int status, const net::Headers& headers, std::string_view kind) {
  const auto now = clock_.now();
  state_.with([&](State& state) {
    if (!kind.empty()) {
      net::RateLimit answer;
      answer.on_response(status, headers, now);
      if (!tells_of_all(state.limit, answer, status, now)) {
        state.kinds[std::string(kind)].on_response(status, headers, now);
        return;
      }
    }
    state.limit.on_response(status, headers, now);
    const auto remaining = state.limit.remaining();
    if (!remaining) return;
    state.view = RateLimitView{state.limit.limit(), remaining, state.limit.reset_at()};
  });
}

void RequestBudget::on_response_of_kind(int status, const net::Headers& headers, std::string_view kind) {
  const auto now = clock_.now();
  state_.with([&](State& state) { state.kinds[std::string(kind)].on_response(status, headers, now); });
}

std::optional<RateLimitView> RequestBudget::view() const {
  return state_.with([](const State& state) { return state.view; });
}

RequestBudget& RequestBudgets::of(const std::string& server, const std::string& account) {
  return budgets_.with([&](auto& budgets) -> RequestBudget& {
    auto& budget = budgets[{server, account}];
    if (!budget) budget = std::make_unique<RequestBudget>(clock_, options_);
    return *budget;
  });
}

}  // namespace linnet::connect
