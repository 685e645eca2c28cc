#include "net/rate_limit.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace linnet::net {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::int64_t kStartSeconds = 1'784'000'000;
constexpr Instant kStart = from_micros(kStartSeconds * 1'000'000);

Headers budget(std::int64_t limit, std::int64_t remaining, std::string reset) {
  return {{"X-RateLimit-Limit", std::to_string(limit)},
          {"X-RateLimit-Remaining", std::to_string(remaining)},
          {"X-RateLimit-Reset", std::move(reset)}};
}

TEST(HttpDate, ReadsAllThreeForms) {
  const auto expected = from_micros(784'111'777'000'000);
  EXPECT_EQ(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT"), expected);
  EXPECT_EQ(parse_http_date("Sunday, 06-Nov-94 08:49:37 GMT"), expected);
  EXPECT_EQ(parse_http_date("Sun Nov  6 08:49:37 1994"), expected);
}

TEST(HttpDate, RefusesTheRest) {
  for (const char* text :
       {"", "120", "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:37 CET", "Sun, 06 Foo 1994 08:49:37 GMT", "1994-11-06T08:49:37Z"}) {
    EXPECT_EQ(parse_http_date(text), std::nullopt) << text;
  }
}

TEST(RateLimit, NothingKnownNothingWaited) {
  RateLimit limit;
  EXPECT_EQ(limit.next_allowed(kStart), kStart);
  limit.on_request(kStart);
  limit.on_response(200, {}, kStart);
  EXPECT_EQ(limit.next_allowed(kStart), kStart);
}

TEST(RateLimit, ReadsEveryWayToWriteTheReset) {
  const auto expected = kStart + minutes{3};
  for (const std::string& reset : {to_iso8601(expected), std::to_string(kStartSeconds + 180),
                                   std::to_string((kStartSeconds + 180) * 1000), std::string("180"),
                                   std::string("180.0"), fmt::format("{}.000", kStartSeconds + 180)}) {
    RateLimit limit;
    limit.on_response(200, budget(300, 0, reset), kStart);
    EXPECT_EQ(limit.next_allowed(kStart), expected) << reset;
    EXPECT_EQ(limit.next_allowed(expected + seconds{1}), expected + seconds{1}) << "the window is over";
  }
}

TEST(RateLimit, ReadsTheNamesOfOthers) {
  RateLimit draft;  // Bluesky
  draft.on_response(
      200, {{"ratelimit-limit", "3000;w=300"}, {"ratelimit-remaining", "0"}, {"ratelimit-reset", "30"}},
      kStart);
  EXPECT_EQ(draft.next_allowed(kStart), kStart + seconds{30});
  RateLimit discord;
  discord.on_response(200,
                      {{"X-RateLimit-Limit", "5"},
                       {"X-RateLimit-Remaining", "0"},
                       {"X-RateLimit-Reset", "1"},
                       {"X-RateLimit-Reset-After", "1.5"}},
                      kStart);
  EXPECT_EQ(discord.next_allowed(kStart), kStart + std::chrono::milliseconds{1500});
}

TEST(RateLimit, SpreadsTheRestOfTheBudget) {
  RateLimit limit({.free_share = 0.5, .reserve = 0});
  limit.on_request(kStart);
  limit.on_response(200, budget(100, 60, "100"), kStart);
  EXPECT_EQ(limit.next_allowed(kStart), kStart) << "more than half is left";
  limit.on_response(200, budget(100, 50, "100"), kStart);
  EXPECT_EQ(limit.next_allowed(kStart), kStart + seconds{2}) << "50 requests in 100 seconds";
}

TEST(RateLimit, LeavesTheReserveToOthers) {
  RateLimit limit({.reserve = 5});
  limit.on_response(200, budget(300, 5, "60"), kStart);
  EXPECT_EQ(limit.next_allowed(kStart), kStart + seconds{60});
}

TEST(RateLimit, ObeysRetryAfter) {
  RateLimit limit;
  limit.on_response(429, {{"Retry-After", "7"}}, kStart);
  EXPECT_EQ(limit.next_allowed(kStart), kStart + seconds{7});
  EXPECT_EQ(limit.next_allowed(kStart + seconds{8}), kStart + seconds{8});
}

TEST(RateLimit, ReadsDatesByTheServersClock) {
  RateLimit limit;  // the server's clock is an hour behind
  limit.on_response(
      503, {{"Date", "Sun, 06 Nov 1994 08:00:00 GMT"}, {"Retry-After", "Sun, 06 Nov 1994 08:02:00 GMT"}},
      kStart);
  EXPECT_EQ(limit.next_allowed(kStart), kStart + minutes{2});
}

TEST(RateLimit, GuessesWhenAServerNamesNoTime) {
  RateLimit limit({.penalty = seconds{42}});
  limit.on_response(429, {}, kStart);
  EXPECT_EQ(limit.next_allowed(kStart), kStart + seconds{42});
}

TEST(RateLimit, NoServerCanStopUsForLongerThanADay) {
  for (const char* retry : {"999999999999", "1e300", "Fri, 31 Dec 9999 23:59:59 GMT"}) {
    RateLimit limit;
    limit.on_response(429, {{"Retry-After", retry}}, kStart);
    EXPECT_EQ(limit.next_allowed(kStart), kStart + hours{24}) << retry;
  }
  RateLimit limit;
  limit.on_response(200, budget(300, 0, "9999-12-31T23:59:59Z"), kStart);
  EXPECT_EQ(limit.next_allowed(kStart), kStart + hours{24});
}

TEST(RateLimit, IgnoresNonsense) {
  for (const char* text : {"", "soon", "-5", "nan", "inf", "0x10", "1 2"}) {
    RateLimit limit;
    limit.on_response(
        200, {{"X-RateLimit-Remaining", text}, {"X-RateLimit-Reset", text}, {"Retry-After", text}}, kStart);
    EXPECT_EQ(limit.next_allowed(kStart), kStart) << text;
  }
}

RC_GTEST_PROP(RateLimit, NeverInThePastNorBeyondTheLongestWait,
              (const std::string& limit_text, const std::string& remaining, const std::string& reset,
               const std::string& retry)) {
  RateLimit limit;
  const auto status = *rc::gen::element(200, 304, 403, 429, 503);
  limit.on_request(kStart);
  limit.on_response(status,
                    {{"X-RateLimit-Limit", limit_text},
                     {"X-RateLimit-Remaining", remaining},
                     {"X-RateLimit-Reset", reset},
                     {"Retry-After", retry}},
                    kStart);
  const auto next = limit.next_allowed(kStart);
  RC_ASSERT(next >= kStart);
  RC_ASSERT(next <= kStart + hours{24});
}

// A server that counts strictly, with a clock of its own: who obeys is never refused, and still uses most of
// the budget.
RC_GTEST_PROP(RateLimit, WhoObeysIsNeverRefused, ()) {
  const std::int64_t per_window = *rc::gen::inRange(1, 400);
  const Duration window = seconds{*rc::gen::inRange(1, 900)};
  const Duration server_clock_error = seconds{*rc::gen::inRange(-7200, 7200)};
  RateLimit limit;
  Instant now = kStart;
  Instant window_end = kStart + window;
  std::int64_t used = 0;
  std::int64_t sent = 0;
  while (now < kStart + 3 * window) {
    now = std::max(limit.next_allowed(now), now) + std::chrono::milliseconds{*rc::gen::inRange(0, 50)};
    while (now >= window_end) {
      window_end += window;
      used = 0;
    }
    limit.on_request(now);
    ++used;
    ++sent;
    RC_ASSERT(used <= per_window);
    auto headers = budget(per_window, per_window - used, to_iso8601(window_end + server_clock_error));
    const auto server_now = std::chrono::floor<seconds>(now + server_clock_error);
    const auto day = std::chrono::floor<std::chrono::days>(server_now);
    const std::chrono::year_month_day date{day};
    constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
    const std::chrono::hh_mm_ss time{server_now - day};
    headers.add("Date",
                fmt::format("Mon, {:02} {} {:04} {:02}:{:02}:{:02} GMT", static_cast<unsigned>(date.day()),
                            kMonths.substr((static_cast<unsigned>(date.month()) - 1) * 3, 3),
                            static_cast<int>(date.year()), time.hours().count(), time.minutes().count(),
                            time.seconds().count()));
    limit.on_response(200, headers, now);
    if (sent > 2000) return;
  }
  RC_ASSERT(sent >= std::min<std::int64_t>(per_window, 3));
}

}  // namespace
}  // namespace linnet::net
