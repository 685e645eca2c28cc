#include "govern/account_settings.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <boost/json.hpp>

namespace linnet::govern {
namespace {

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
  EXPECT_EQ(message(R"({"quietHours":{"week":{"monday":[24]}}})"),
            "quietHours.week.monday: expected a list of whole numbers from 0 to 23, got [24]");
  EXPECT_NE(message(R"({"quietHours":{"week":{"mon":[]}}})").find("quietHours.week.mon: not known here"),
            std::string::npos);
  EXPECT_NE(message(R"({"likes":3})").find("likes: not known here"), std::string::npos);
  EXPECT_NE(message("[]").find("expected a JSON object"), std::string::npos);
}

TEST(AccountSettings, TakeTheHoursOfEveryDayAndThoseOfTheWeek) {
  const auto read = [](std::string_view json, const AccountSettings& base = {}) {
    auto parsed = parse_account_settings(json, "mastodon", base);
    EXPECT_TRUE(parsed) << parsed.error().safe;
    return parsed ? *parsed : AccountSettings{};
  };
  const auto daily = read(R"({"quietHours":{"enabled":true,"startHour":22,"endHour":6,"timezone":"UTC"}})");
  EXPECT_FALSE(daily.quiet_hours->week);
  EXPECT_FALSE(to_json(daily).at("quietHours").as_object().contains("week"));
  const auto weekly = read(R"({"quietHours":{"week":{"monday":[0,23],"sunday":[5]}}})", daily);
  EXPECT_EQ(weekly.quiet_hours->start_hour, 22);
  EXPECT_TRUE(weekly.quiet_hours->week->at(0).test(23));
  EXPECT_EQ(weekly.quiet_hours->week->at(0).count(), 2U);
  EXPECT_TRUE(weekly.quiet_hours->week->at(1).none());
  EXPECT_TRUE(weekly.quiet_hours->week->at(6).test(5));
  // A day that is left out keeps its hours; null gives back those of every day.
  const auto changed = read(R"({"quietHours":{"week":{"monday":[]}}})", weekly);
  EXPECT_TRUE(changed.quiet_hours->week->at(0).none());
  EXPECT_TRUE(changed.quiet_hours->week->at(6).test(5));
  EXPECT_FALSE(read(R"({"quietHours":{"week":null}})", weekly).quiet_hours->week);
}

TEST(AccountSettings, LeaveAnHourThatIsNotQuiet) {
  std::string week;
  for (const auto day : kWeekdays) {
    week += (week.empty() ? "\"" : ",\"") + std::string(day) + "\":[0";
    for (int hour = 1; hour < 24; ++hour) week += "," + std::to_string(hour);
    week += "]";
  }
  const auto refused = parse_account_settings(R"({"quietHours":{"week":{)" + week + "}}}", "mastodon");
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().safe.find("switch the account off instead"), std::string::npos);
}

RC_GTEST_PROP(AccountSettings, AreReadAsTheyAreWritten, ()) {
  AccountSettings settings;
  settings.rate_limit.likes = *rc::gen::inRange<std::int64_t>(0, 1'001);
  settings.rate_limit.comments = *rc::gen::inRange<std::int64_t>(0, 101);
  settings.warm_up = *rc::gen::arbitrary<bool>();
  settings.auto_approve.dms = *rc::gen::arbitrary<bool>();
  if (*rc::gen::arbitrary<bool>()) {
    settings.quiet_hours = QuietHours{
        *rc::gen::arbitrary<bool>(), *rc::gen::inRange(0, 24), *rc::gen::inRange(0, 24), "Europe/Berlin", {}};
    if (*rc::gen::arbitrary<bool>()) {
      settings.quiet_hours->week = QuietWeek{};
      for (auto& day : *settings.quiet_hours->week)
        day = *rc::gen::inRange<unsigned long>(0, (1UL << 24U) - 1);
    }
  }
  const auto again = parse_account_settings(boost::json::serialize(to_json(settings)), "mastodon");
  RC_ASSERT(again.ok());
  RC_ASSERT(again.value() == settings);
}

}  // namespace
}  // namespace linnet::govern
