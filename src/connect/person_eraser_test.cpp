// What is left of a line of the log when a person is taken out of it.
#include "connect/person_eraser.hpp"

#include <gtest/gtest.h>

#include "connect/event_reader.hpp"

namespace linnet::connect {
namespace {

constexpr std::string_view kAda =
    R"({"id":"7","username":"ada","acct":"ada","note":"mathematics","avatar":"https://social.example/ada.png"})";
constexpr std::string_view kBob = R"({"id":"8","username":"bob","acct":"bob@elsewhere.example"})";

std::string status(std::string_view id, std::string_view account, const std::string& more = {}) {
  return std::string(R"({"id":")") + std::string(id) +
         R"(","created_at":"2026-08-01T10:00:00.000Z","content":"<p>said 7</p>","replies_count":0,"reblogs_count":1,)"
         R"("favourites_count":2,"account":)" +
         std::string(account) + more + "}";
}
std::string update(const std::string& payload) {
  return R"({"received_at":"2026-08-01T10:00:01.000000Z","event":"update","payload":)" + payload + "}";
}

class PersonEraserTest : public testing::Test {
 protected:
  ErasedLine erase(const std::string& line) { return eraser_.erase(line, at_); }
  model::Event read(const std::string& line) { return reader_.read(line, at_, arena_); }

  Instant at_ = *parse_iso8601("2026-08-01T10:00:01Z");
  PersonEraser eraser_{"7"};
  EventReader reader_;
  Arena arena_;
};

using Change = ErasedLine::Change;

TEST_F(PersonEraserTest, LeavesLinesOfOthersByteForByte) {
  EXPECT_EQ(erase(update(status("100", kBob))).change, Change::none);
  EXPECT_EQ(erase(update(status("7", kBob, R"(,"tags":[{"id":"7","name":"seven"}])"))).change, Change::none);
  EXPECT_EQ(erase(R"({"event":"delete","payload":"7"})").change, Change::none);
}

TEST_F(PersonEraserTest, BlanksTheirPosts) {
  for (const auto& line : {update(status("100", kAda)), status("100", kAda),
                           update("\"{\\\"id\\\":\\\"1\\\",\\\"account\\\":{\\\"id\\\":\\\"7\\\"}}\"")}) {
    const auto erased = erase(line);
    EXPECT_EQ(erased.change, Change::blanked) << line;
    const auto event = read(erased.line);
    EXPECT_EQ(event.type, "erased");
    EXPECT_TRUE(event.error.empty()) << event.error;
    EXPECT_EQ(event.received_at, at_);
    EXPECT_EQ(erased.line.find("ada"), std::string::npos);
  }
}

TEST_F(PersonEraserTest, KeepsThePostThatTheyBoosted) {
  const auto boosted =
      status("90", kBob, R"(,"media_attachments":[{"id":"1","type":"image","meta":{"a":1.70}}])");
  const auto erased = erase(update(status("100", kAda, ",\"reblog\":" + boosted)));
  EXPECT_EQ(erased.change, Change::rewritten);
  EXPECT_EQ(erased.status_id, "90");
  EXPECT_NE(erased.line.find(boosted), std::string::npos) << "what others wrote stays byte for byte";
  const auto event = read(erased.line);
  ASSERT_EQ(event.posts.size(), 1U) << event.error;
  EXPECT_EQ(event.posts[0].id, "90");
}

TEST_F(PersonEraserTest, KeepsThatSomebodyBoostedWithoutWhat) {
  const auto erased = erase(update(
      status("100", kBob, R"(,"url":"https://social.example/@ada/90","reblog":)" + status("90", kAda))));
  EXPECT_EQ(erased.change, Change::rewritten);
  for (const auto* const trace : {"ada", "said 7", "\"90\"", "mathematics"})
    EXPECT_EQ(erased.line.find(trace), std::string::npos) << trace;
  const auto event = read(erased.line);
  ASSERT_EQ(event.posts.size(), 1U) << event.error;
  EXPECT_TRUE(event.posts[0].is_boost);
  EXPECT_EQ(event.posts[0].boosted_id, kErasedPost);
  EXPECT_EQ(event.posts[0].author.acct, "bob@elsewhere.example");
}

TEST_F(PersonEraserTest, BlanksTheirBoostOfTheirOwnPost) {
  EXPECT_EQ(erase(update(status("100", kAda, ",\"reblog\":" + status("90", kAda)))).change, Change::blanked);
}

TEST_F(PersonEraserTest, TakesOutMentionsAnswersQuotesAndCards) {
  const auto line = update(status(
      "100", kBob,
      R"(,"in_reply_to_id":"55","in_reply_to_account_id":"7","mentions":[{"id":"7","acct":"ada"},{"id":"9","acct":"eve"}],)"
      R"("quote":{"state":"accepted","quoted_status":{"id":"5","account":{"id":"7","acct":"ada"}}},)"
      R"("card":{"url":"https://x.example","authors":[{"account":{"id":"7","acct":"ada"}}]})"));
  const auto erased = erase(line);
  EXPECT_EQ(erased.change, Change::rewritten);
  EXPECT_EQ(erased.line.find("ada"), std::string::npos) << erased.line;
  const auto event = read(erased.line);
  ASSERT_EQ(event.posts.size(), 1U) << event.error;
  const auto& post = event.posts[0];
  ASSERT_EQ(post.mentions.size(), 1U);
  EXPECT_EQ(post.mentions[0].acct, "eve");
  EXPECT_EQ(post.in_reply_to_id, kErasedPost);
  EXPECT_FALSE(post.in_reply_to_account_id);
  EXPECT_EQ(erase(erased.line).change, Change::none) << "a second time finds nothing";
}

TEST_F(PersonEraserTest, TakesOutMentionsInTheBoostedPost) {
  const auto inner = status("90", kBob, R"(,"mentions":[{"id":"7","acct":"ada"}])");
  const auto erased =
      erase(update(status("100", R"({"id":"9","username":"eve","acct":"eve"})", ",\"reblog\":" + inner)));
  const auto event = read(erased.line);
  ASSERT_EQ(event.posts.size(), 2U) << event.error;
  EXPECT_TRUE(event.posts[0].mentions.empty());
  EXPECT_EQ(event.posts[1].boosted_id, "90");
}

TEST_F(PersonEraserTest, BlanksOtherEventsAndBrokenLinesThatHoldThem) {
  EXPECT_EQ(erase(R"({"event":"notification","payload":{"type":"follow","account":{"id":"7","acct":"ada"}}})")
                .change,
            Change::blanked);
  EXPECT_EQ(erase(R"({"event":"update","payload":{"id":"1","account":{"id":"7","acct":"ada")").change,
            Change::blanked);
  EXPECT_EQ(erase(R"({"event":"notification","payload":{"type":"follow","account":{"id":"8"}}})").change,
            Change::none);
}

}  // namespace
}  // namespace linnet::connect
