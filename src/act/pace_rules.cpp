// The rules of pace: how much, how often, how soon after.
#include <fmt/format.h>

#include <algorithm>

#include "act/policy_rules.hpp"

namespace linnet::act::rules {
namespace {

using std::chrono::hours;

constexpr Duration kWindow = hours(1);

Verdict defer(std::string reason, Instant until) {
  return {"", Decision::defer, std::move(reason), until};
}

// Moments of the account's actions that count like this one, oldest first.
std::vector<Instant> moments(const Situation& situation, Kind kind, Duration window) {
  std::vector<Instant> times;
  for (const auto& past : situation.past) {
    if (kind_of(past.type) == kind && past.at > situation.now - window) times.push_back(past.at);
  }
  std::sort(times.begin(), times.end());
  return times;
}

// With `most` in each window, the next may go when the oldest of the newest `most` has left it.
std::optional<Instant> next_in_window(const std::vector<Instant>& times, std::int64_t most, Duration window) {
  if (static_cast<std::int64_t>(times.size()) < most) return {};
  return times[times.size() - static_cast<std::size_t>(most)] + window;
}

std::optional<std::int64_t> hourly_limit(Kind kind, const govern::HourlyLimits& limits) {
  switch (kind) {
    case Kind::like:
      return limits.likes;
    case Kind::comment:
      return limits.comments;
    case Kind::dm:
      return limits.dms;
    case Kind::post:
      return limits.posts;
    case Kind::follow:
      return limits.likes;
    case Kind::read:
    case Kind::undo:
      return {};
  }
  return {};
}

std::optional<std::int64_t> allowed_within_hour(Kind kind, const AccountView& account) {
  const auto set = hourly_limit(kind, account.settings.rate_limit);
  if (!set) return {};
  const auto ceiling = hourly_limit(kind, govern::platform_ceiling(account.platform));
  const auto most = std::min(*set, ceiling.value_or(*set));
  // However slowly an account goes after trouble, it goes.
  return most == 0 ? 0 : std::max<std::int64_t>(1, most * account.rate_percent / 100);
}

// Likes for each of the first five days (engagement document: warm-up).
constexpr std::array<std::int64_t, 5> kLikesByDay{5, 10, 15, 15, 20};
constexpr std::size_t kFirstDayOfComments = 3;  // the fourth

}  // namespace

Opinion rate_limit(const Action& action, const Situation& situation) {
  const auto kind = kind_of(action);
  const auto limit = allowed_within_hour(kind, situation.account);
  if (!limit || action.continues_thread) return {};
  const auto allowed = *limit;
  if (allowed == 0) return Verdict{"", Decision::deny, "the account's limit for this is 0 an hour", {}};
  const auto next = next_in_window(moments(situation, kind, kWindow), allowed, kWindow);
  if (!next) return {};
  return defer(fmt::format("{} within an hour is the account's limit", allowed), *next);
}

Opinion warm_up(const Action& action, const Situation& situation) {
  const auto& account = situation.account;
  const auto kind = kind_of(action);
  if (!account.settings.warm_up || (kind != Kind::like && kind != Kind::comment && kind != Kind::dm))
    return {};
  if (situation.is_approved && kind != Kind::like) return {};  // a person looked at this one
  const Instant since = account.acts_since.value_or(situation.now);
  const auto day = static_cast<std::size_t>(std::max<std::int64_t>(0, (situation.now - since) / hours(24)));
  if (day >= kLikesByDay.size()) return {};
  const Instant next_day = since + hours(24) * (static_cast<std::int64_t>(day) + 1);
  if (kind != Kind::like) {
    if (day >= kFirstDayOfComments) return {};
    return defer("the account is new: nothing is written by itself in its first three days",
                 since + hours(24) * static_cast<std::int64_t>(kFirstDayOfComments));
  }
  std::int64_t today = 0;
  for (const auto& past : situation.past) {
    if (kind_of(past.type) == Kind::like && past.at >= next_day - hours(24)) ++today;
  }
  if (today < kLikesByDay.at(day)) return {};
  return defer(fmt::format("the account is new: {} likes on day {}", kLikesByDay.at(day), day + 1), next_day);
}

Opinion cool_down(const Action& action, const Situation& situation) {
  if (model::only_reads(action.type) || action.continues_thread) return {};
  const auto& rest = situation.account.settings.cooldown;
  const auto after = [&](Kind kind) {
    switch (kind) {
      case Kind::like:
      case Kind::follow:
        return rest.after_like;
      case Kind::comment:
        return rest.after_comment;
      case Kind::dm:
        return rest.after_dm;
      case Kind::post:
        return rest.after_post;
      case Kind::read:
      case Kind::undo:
        return std::int64_t{0};
    }
    return std::int64_t{0};
  };
  Instant until = situation.now;
  for (const auto& past : situation.past) {
    until = std::max(until, past.at + std::chrono::seconds(after(kind_of(past.type))));
  }
  if (until <= situation.now) return {};
  return defer("a rest after the action before", until);
}

}  // namespace linnet::act::rules

namespace linnet::act {

std::vector<Pace> paces(const Situation& situation) {
  constexpr std::pair<Kind, std::string_view> kKinds[] = {{Kind::post, "posts"},
                                                          {Kind::comment, "comments"},
                                                          {Kind::dm, "messages"},
                                                          {Kind::like, "likes and boosts"},
                                                          {Kind::follow, "follows"}};
  std::vector<Pace> paces;
  for (const auto& [kind, name] : kKinds) {
    const auto sent = rules::moments(situation, kind, rules::kWindow).size();
    paces.push_back({name, static_cast<std::int64_t>(sent),
                     rules::allowed_within_hour(kind, situation.account).value_or(0)});
  }
  return paces;
}

}  // namespace linnet::act
