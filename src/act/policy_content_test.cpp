// Texts, polls and files, measured as the platform does.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "act/policy_fixture.hpp"

#include "kit/media.hpp"

namespace linnet::act {
namespace {

using model::ActionType;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

RC_GTEST_PROP(Policy, RefusesWhatIsTooLong, ()) {
  auto situation = calm();
  situation.limits = connect::PlatformLimits{};
  situation.limits->text_length = 300;
  auto action = action_of_type(ActionType::publish);
  const auto length = *rc::gen::inRange<std::size_t>(1, 600);
  action.draft.text = std::string(length, 'x');
  RC_ASSERT((outcome(action, situation).decision == Decision::allow) == (length <= 300));
}

RC_GTEST_PROP(Policy, RefusesNothingForAServerThatNobodyAsked, ()) {
  auto [action, situation] = *anything();
  auto asked = situation;
  situation.is_server_unread = true;
  RC_ASSERT(outcome(action, situation).decision == outcome(action, asked).decision);
}

TEST(Policy, SaysThatAServerWasNotAsked) {
  auto situation = calm();
  situation.is_server_unread = true;
  const auto verdicts = judge(action_of_type(ActionType::publish), situation);
  ASSERT_EQ(verdicts.size(), 1U);
  EXPECT_EQ(verdicts[0].rule, "channel_limits");
  EXPECT_EQ(verdicts[0].decision, Decision::allow);
  EXPECT_NE(verdicts[0].reason.find("not known yet"), std::string::npos);
  EXPECT_TRUE(judge(action_of_type(ActionType::like), situation).empty());
}

TEST(Policy, MeasuresMessagesAsMessages) {
  auto situation = calm();
  situation.limits = connect::PlatformLimits{};
  situation.limits->text_length = 300;
  situation.limits->message = connect::PlatformLimits::Message{1'000, 10'000, 0};
  const auto judged = [&](ActionType type, const std::string& text) {
    auto action = action_of_type(type);
    action.draft.text = text;
    return rules::channel_limits(action, situation);
  };
  EXPECT_FALSE(judged(ActionType::dm_send, std::string(1'000, 'x')));
  EXPECT_TRUE(judged(ActionType::dm_send, std::string(1'001, 'x')));
  EXPECT_TRUE(judged(ActionType::publish, std::string(301, 'x')));
  situation.limits->message->text_bytes = 1'500;
  std::string umlauts;
  for (int i = 0; i < 800; ++i) umlauts += "ä";
  const auto verdict = judged(ActionType::dm_send, umlauts);
  ASSERT_TRUE(verdict);
  EXPECT_NE(verdict->reason.find("1600 bytes"), std::string::npos) << verdict->reason;
  auto with_file = action_of_type(ActionType::dm_send);
  with_file.draft.text = "See";
  with_file.draft.media.push_back(test::media_file("a.png", "image/png", "bytes"));
  EXPECT_TRUE(rules::channel_limits(with_file, situation));
}

// On Mastodon the name of whom a message goes to is part of its text.
TEST(Policy, CountsTheNameThatAMessageBeginsWith) {
  auto situation = calm();
  situation.limits = connect::PlatformLimits{};
  situation.limits->text_length = 500;
  situation.limits->text_unit = connect::PlatformLimits::Unit::links_alike;
  situation.message_prefix = "@bob@far.example ";
  auto action = action_of_type(ActionType::dm_send);
  action.draft.text = std::string(495, 'x');
  EXPECT_FALSE(rules::channel_limits(action, situation));
  action.draft.text += 'x';
  EXPECT_TRUE(rules::channel_limits(action, situation));
}

TEST(Policy, CountsBytesWhereThePlatformDoes) {
  auto situation = calm();
  situation.limits = connect::PlatformLimits{};
  situation.limits->text_unit = connect::PlatformLimits::Unit::graphemes;
  situation.limits->text_length = 300;
  situation.limits->text_bytes = 3'000;
  auto action = action_of_type(ActionType::publish);
  action.draft.text.clear();
  for (int i = 0; i < 120; ++i) action.draft.text += "👩‍👩‍👧‍👦";  // 25 bytes
  EXPECT_FALSE(rules::channel_limits(action, situation));
  action.draft.text += 'x';
  const auto verdict = rules::channel_limits(action, situation);
  ASSERT_TRUE(verdict);
  EXPECT_NE(verdict->reason.find("3001 bytes, the server takes 3000"), std::string::npos) << verdict->reason;
}

TEST(Policy, RefusesNothingThatTheServerDoesNotSay) {
  auto situation = calm();
  situation.limits = connect::PlatformLimits{};
  situation.limits->image_bytes = 10;
  auto action = action_of_type(ActionType::publish);
  action.draft.text = std::string(100'000, 'x');
  const auto verdict = rules::channel_limits(action, situation);
  ASSERT_TRUE(verdict);
  EXPECT_EQ(verdict->decision, Decision::allow);
  EXPECT_NE(verdict->reason.find("does not say how long"), std::string::npos) << verdict->reason;
}

std::string said_of_poll(connect::Poll poll, const connect::PlatformLimits& limits) {
  auto situation = calm();
  situation.limits = limits;
  auto action = action_of_type(ActionType::publish);
  action.draft.text = "Which?";
  action.draft.poll = std::move(poll);
  const auto verdict = rules::channel_limits(action, situation);
  return verdict && verdict->decision == Decision::deny ? verdict->reason : std::string();
}

TEST(Policy, JudgesPollsAsTheServerDoes) {
  connect::PlatformLimits limits;
  limits.text_length = 500;
  limits.text_unit = connect::PlatformLimits::Unit::graphemes;
  limits.poll_options = 4;
  limits.poll_option_length = 3;
  limits.poll_least_seconds = 300;
  limits.poll_most_seconds = 86'400;
  EXPECT_EQ(said_of_poll({{"a", "b"}, hours(1)}, limits), "");
  EXPECT_EQ(said_of_poll({{"a"}, hours(1)}, limits), "poll: expected 2 options or more, got 1");
  EXPECT_EQ(said_of_poll({{"a", " \u3000"}, hours(1)}, limits), "poll: an option is empty");
  EXPECT_EQ(said_of_poll({{"a", "b", " a "}, hours(1)}, limits), "poll: the option \"a\" is given twice");
  EXPECT_EQ(said_of_poll({{"a", "b", "c", "d", "e"}, hours(1)}, limits),
            "poll: 5 options given, the server takes 2 to 4");
  EXPECT_EQ(
      said_of_poll(
          {{"a", "👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦"}, hours(1)},
          limits),
      "");
  EXPECT_EQ(said_of_poll({{"a", "four"}, hours(1)}, limits), "poll: an option has 1 to 3 characters");
  EXPECT_EQ(said_of_poll({{"a", "b"}, seconds(299)}, limits),
            "poll: open for 299 seconds, the server takes 5 minutes or more");
  EXPECT_EQ(said_of_poll({{"a", "b"}, hours(25)}, limits),
            "poll: open for 25 hours, the server takes at most 24 hours");
  EXPECT_EQ(said_of_poll({{"a", "b"}, hours(25)}, {}), "");
}

TEST(Policy, WeighsFilmsAndSoundsAsSuch) {
  auto situation = calm();
  situation.limits = connect::PlatformLimits{};
  situation.limits->image_bytes = 3;
  situation.limits->video_bytes = 5;
  auto action = action_of_type(ActionType::publish);
  const auto judged = [&](const std::string& type, const std::string& bytes) {
    action.draft.media = {test::media_file("file", type, bytes)};
    const auto verdict = rules::channel_limits(action, situation);
    return !verdict || verdict->decision != Decision::deny;
  };
  EXPECT_TRUE(judged("image/gif", "123") && judged("video/mp4", "12345") && judged("audio/mpeg", "12345"));
  EXPECT_FALSE(judged("image/gif", "1234") || judged("video/mp4", "123456") ||
               judged("audio/mpeg", "123456"));
  situation.limits->video_goes_alone = true;
  EXPECT_TRUE(judged("video/mp4", "12345"));
  action.draft.media.push_back(test::media_file("other", "image/png", "1"));
  const auto verdict = rules::channel_limits(action, situation);
  ASSERT_TRUE(verdict);
  EXPECT_EQ(verdict->reason, "media: a video or sound goes alone, got other files with it");
}

}  // namespace
}  // namespace linnet::act
