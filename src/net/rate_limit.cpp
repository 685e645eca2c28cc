#include "net/rate_limit.hpp"

#include <date/date.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <locale>
#include <sstream>
#include <string>

#include "base/text.hpp"

namespace linnet::net {
namespace {

// The number a value starts with: "30;w=300" is 30.
std::optional<double> leading_number(std::string_view text) {
  double value = 0;
  const auto digits = trim(text);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc() || !std::isfinite(value) || value < 0) return std::nullopt;
  const auto rest = trim(digits.substr(static_cast<std::size_t>(end - digits.data())));
  if (!rest.empty() && rest.front() != ';' && rest.front() != ',') return std::nullopt;
  return value;
}

Duration seconds_from(double seconds) {
  constexpr double kMost = 1e9;  // 31 years: more is cut by longest_wait anyway
  return Duration{static_cast<std::int64_t>(std::min(seconds, kMost) * 1e6)};
}

std::optional<std::string_view> find_limit_field(const Headers& headers, std::string_view name) {
  if (auto value = headers.find("X-RateLimit-" + std::string(name))) return value;
  return headers.find("RateLimit-" + std::string(name));
}

std::optional<std::int64_t> find_count(const Headers& headers, std::string_view name) {
  const auto text = find_limit_field(headers, name);
  const auto number = text ? leading_number(*text) : std::nullopt;
  if (!number) return std::nullopt;
  return static_cast<std::int64_t>(std::min(*number, 1e15));
}

// `ahead` is how far this machine's clock is ahead of the server's.
std::optional<Instant> find_reset(const Headers& headers, Instant now, Duration ahead) {
  if (const auto after = find_limit_field(headers, "Reset-After")) {
    if (const auto seconds = leading_number(*after)) return now + seconds_from(*seconds);
  }
  const auto text = find_limit_field(headers, "Reset");
  if (!text) return std::nullopt;
  const auto number = leading_number(*text);
  if (!number) {
    const auto moment = parse_iso8601(trim(*text));
    return moment ? std::optional(*moment + ahead) : std::nullopt;
  }
  constexpr double kSmallestEpoch = 1e9;
  constexpr double kSmallestEpochMillis = 1e11;
  if (*number < kSmallestEpoch) return now + seconds_from(*number);
  const double seconds = *number < kSmallestEpochMillis ? *number : *number / 1000;
  return Instant{Duration{static_cast<std::int64_t>(std::min(seconds, 1e11) * 1e6)}} + ahead;
}

std::optional<Instant> find_retry_after(const Headers& headers, Instant now, Duration ahead) {
  const auto text = headers.find("Retry-After");
  if (!text) return std::nullopt;
  if (const auto seconds = leading_number(*text)) return now + seconds_from(*seconds);
  const auto moment = parse_http_date(*text);
  return moment ? std::optional(*moment + ahead) : std::nullopt;
}

Duration clock_ahead_of(const Headers& headers, Instant now) {
  const auto date = headers.find("Date");
  const auto server_now = date ? parse_http_date(*date) : std::nullopt;
  return server_now ? now - *server_now : Duration{0};
}

// Servers tell in whole seconds.
constexpr auto kNear = std::chrono::seconds(1);

bool are_near(Instant one, Instant other) {
  return one - other <= kNear && other - one <= kNear;
}

}  // namespace

std::optional<Instant> parse_http_date(std::string_view text) {
  // Behind the day of the week, which is not looked at.
  const auto rest = text.substr(std::min(text.find(' '), text.size()));
  for (const auto* const form : {"%d %b %Y %T GMT", "%d-%b-%y %T GMT", "%b %e %T %Y"}) {
    std::istringstream words{std::string(trim(rest))};
    words.imbue(std::locale::classic());
    date::sys_seconds moment;
    words >> date::parse(form, moment);
    if (!words.fail() && words.peek() == std::istringstream::traits_type::eof()) return Instant(moment);
  }
  return std::nullopt;
}

void RateLimit::on_request(Instant now) {
  last_request_ = now;
  if (remaining_ && *remaining_ > 0) --*remaining_;
}

void RateLimit::on_response(int status, const Headers& headers, Instant now) {
  read_budget(headers, now);
  const auto latest = now + options_.longest_wait;
  if (status >= 300) {
    if (const auto retry = find_retry_after(headers, now, clock_ahead_of(headers, now))) {
      blocked_until_ = std::clamp(*retry, now, latest);
      return;
    }
  }
  if (status != 429 && status != 503) return;
  // A 429 whose budget is known to be spent waits for its reset; any other has to guess.
  const bool is_explained = status == 429 && reset_ && *reset_ > now && remaining_ && *remaining_ == 0;
  if (!is_explained) blocked_until_ = now + options_.penalty;
}

void RateLimit::read_budget(const Headers& headers, Instant now) {
  if (const auto limit = find_count(headers, "Limit")) limit_ = limit;
  const auto remaining = find_count(headers, "Remaining");
  if (!remaining) return;
  auto reset = find_reset(headers, now, clock_ahead_of(headers, now));
  if (reset) reset = std::clamp(*reset, now, now + options_.longest_wait);
  // Answers overtake each other: within one window nothing is given back.
  const bool is_same_window = reset && reset_ && *reset_ > now && are_near(*reset, *reset_);
  remaining_ = is_same_window && remaining_ ? std::min(*remaining_, *remaining) : *remaining;
  reset_ = reset;
  if (reset_) longest_window_ = std::max(longest_window_, Duration(*reset_ - now));
}

bool RateLimit::is_told_by(const RateLimit& answer, Instant now) const {
  if (!limit_ || limit_ != answer.limit_ || !reset_ || !answer.reset_) return false;
  if (are_near(*reset_, *answer.reset_)) return true;
  return *reset_ <= now && *answer.reset_ - now <= longest_window_ + kNear;
}

Instant RateLimit::next_allowed(Instant now, int sharers) const {
  Instant next = now;
  if (blocked_until_) next = std::max(next, *blocked_until_);
  if (!remaining_) return next;
  if (!reset_) return next;
  if (*reset_ <= now) return next;  // a new window: nothing is known of it yet
  // Of a small budget (some platforms give 5 at a time) nothing is put by.
  const auto reserve = limit_ ? std::min(options_.reserve, *limit_ / 10) : options_.reserve;
  const auto usable = (*remaining_ - reserve) / std::max(1, sharers);
  if (usable <= 0) return std::max(next, *reset_);
  if (!limit_ || !last_request_ || *last_request_ >= *reset_) return next;
  if (static_cast<double>(*remaining_) > options_.free_share * static_cast<double>(*limit_)) return next;
  return std::max(next, *last_request_ + (*reset_ - *last_request_) / usable);
}

}  // namespace linnet::net
