#include "govern/account_settings.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <boost/json.hpp>

#include "base/local_time.hpp"

namespace linnet::govern {
namespace {

Instant at(std::string_view text) {
  return *parse_iso8601(text);
}

TEST(AccountSettings, HasTheDocumentsDefaults) {
  const auto settings = parse_account_settings("{}", "mastodon");
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->rate_limit.likes, 30);
  EXPECT_EQ(settings->rate_limit.comments, 10);
  EXPECT_EQ(settings->rate_limit.dms, 5);
  EXPECT_FALSE(settings->quiet_hours);
}

TEST(AccountSettings, NamesWhatIsWrong) {
  const auto message = [](std::string_view json, std::string_view platform = "mastodon") {
    const auto parsed = parse_account_settings(json, platform);
    return parsed ? std::string("fine") : parsed.error().safe;
  };
  EXPECT_EQ(message(R"({"rateLimit":{"likesPerHour":-1}})"),
            "rateLimit.likesPerHour: expected a whole number from 0 to 1000, got -1");
  EXPECT_EQ(message(R"({"rateLimit":{"likesPerHour":31}})", "instagram"),
            "rateLimit.likesPerHour: expected a whole number from 0 to 30, got 31");
  EXPECT_NE(message(R"({"quietHours":{"startHour":24}})").find("quietHours.startHour: expected"),
            std::string::npos);
  EXPECT_NE(message(R"({"quietHours":{"timezone":"Nowhere"}})").find("quietHours.timezone"),
            std::string::npos);
  EXPECT_NE(message(R"({"likes":3})").find("likes: not known here"), std::string::npos);
  EXPECT_NE(message("[]").find("expected a JSON object"), std::string::npos);
}

RC_GTEST_PROP(AccountSettings, AreReadAsTheyAreWritten, ()) {
  AccountSettings settings;
  settings.rate_limit.likes = *rc::gen::inRange<std::int64_t>(0, 1'001);
  settings.rate_limit.comments = *rc::gen::inRange<std::int64_t>(0, 101);
  settings.warm_up = *rc::gen::arbitrary<bool>();
  settings.auto_approve.dms = *rc::gen::arbitrary<bool>();
  if (*rc::gen::arbitrary<bool>()) {
    settings.quiet_hours = QuietHours{*rc::gen::arbitrary<bool>(), *rc::gen::inRange(0, 24),
                                      *rc::gen::inRange(0, 24), "Europe/Berlin"};
  }
  const auto again = parse_account_settings(boost::json::serialize(to_json(settings)), "mastodon");
  RC_ASSERT(again.ok());
  RC_ASSERT(again.value() == settings);
}

TEST(QuietHours, WrapPastMidnightAndFollowTheClockChanges) {
  const QuietHours night{true, 23, 7, "America/New_York"};
  EXPECT_EQ(quiet_until(night, at("2026-07-01T03:30:00Z")).value(), at("2026-07-01T11:00:00Z"));
  EXPECT_FALSE(quiet_until(night, at("2026-07-01T20:00:00Z")).value());
  // The night of the clock going forward is an hour shorter, that of going back an hour longer.
  EXPECT_EQ(quiet_until(night, at("2026-03-08T05:00:00Z")).value(), at("2026-03-08T11:00:00Z"));
  EXPECT_EQ(quiet_until(night, at("2026-11-01T04:00:00Z")).value(), at("2026-11-01T12:00:00Z"));
  EXPECT_FALSE(quiet_until({true, 8, 8, "UTC"}, at("2026-07-01T08:30:00Z")).value());
  EXPECT_FALSE(quiet_until({false, 0, 23, "UTC"}, at("2026-07-01T08:30:00Z")).value());
}

// Their end is never itself quiet, lies ahead, and not more than a day and a clock change away.
RC_GTEST_PROP(QuietHours, EndOutsideThemselves, ()) {
  const QuietHours hours{
      true, *rc::gen::inRange(0, 24), *rc::gen::inRange(0, 24),
      *rc::gen::element<std::string>("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata",
                                     "Australia/Lord_Howe", "Pacific/Apia")};
  const auto t = Instant(std::chrono::seconds(*rc::gen::inRange<std::int64_t>(1'600'000'000, 1'900'000'000)));
  const auto until = quiet_until(hours, t);
  RC_ASSERT(until.ok());
  if (!until.value()) return;
  RC_ASSERT(*until.value() > t);
  RC_ASSERT(*until.value() - t <= std::chrono::hours(26));
  RC_ASSERT(!quiet_until(hours, *until.value()).value());
}

}  // namespace
}  // namespace linnet::govern
