// The gateway's reader against the fake Discord: nothing is lost or handed on twice over cuts, resumes, lost
// sessions and disorder; direct messages are passed over; commands are heeded.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <thread>

#include "base/clock.hpp"
#include "connect/discord/door.hpp"
#include "connect/discord/fake_discord.hpp"
#include "connect/discord/gateway_place.hpp"
#include "connect/mastodon/pretend_server.hpp"
#include "connect/test_store.hpp"

namespace linnet::connect::discord {
namespace {

using mastodon::KeepingSink;
using std::chrono::milliseconds;
using testing::HasSubstr;

class GatewayTest : public testing::Test {
 protected:
  void SetUp() override {
    if (const auto reason = FakeDiscord::missing()) GTEST_SKIP() << *reason;
    launch({"--heartbeat-ms", "500"});
  }
  void TearDown() override { stop(); }

  void launch(const std::vector<std::string>& options) {
    fake_.reset();
    fake_.emplace(options);
    ASSERT_TRUE(fake_->is_running());
  }

  // The same source and reader that the program makes.
  void follow(std::optional<std::string> cursor = {}, const std::string& token = kFakeToken,
              const std::string& stream = "servers") {
    SourceNeeds needs{store_.database(),
                      store_.writer(),
                      clock_,
                      budget_,
                      {},
                      InstanceId(1),
                      fake_->url(),
                      token,
                      {},
                      [] { return 0.05; },
                      [](const ConnectorHealth&) {},
                      [this](const PersonWish& wish) -> Result<std::string> {
                        wishes_.push_back(wish);
                        return std::string("heeded");
                      }};
    source_ = source_door().make(needs).value();
    const auto each_logged = [this](const OnLogged& on_logged) -> Status {
      for (const auto& line : sink_.lines()) {
        const auto value = boost::json::parse(line).as_object();
        LINNET_CHECK(on_logged(std::string_view(value.at("event").as_string()), line));
      }
      return {};
    };
    ReaderPlace place{sink_, std::move(cursor), each_logged};
    reader_ = source_->open({stream}, std::move(place)).value();
    thread_ = std::jthread([this](const std::stop_token& stop) { reader_->run(stop); });
  }
  void stop() {
    if (!thread_.joinable()) return;
    thread_.request_stop();
    thread_.join();
  }
  std::string cursor() const { return sink_.cursors().empty() ? std::string() : sink_.cursors().back(); }

  template <typename Predicate>
  static bool eventually(Predicate predicate) {
    for (int i = 0; i < 1'500; ++i) {
      if (predicate()) return true;
      std::this_thread::sleep_for(milliseconds(10));
    }
    return false;
  }
  bool is_live() const { return reader_->health().state == ConnectorState::live; }
  void wait_until_live() {
    ASSERT_TRUE(eventually([&] { return is_live(); })) << reader_->health().last_error;
  }
  // How often each text came as a new message.
  std::map<std::string, int> texts() const {
    std::map<std::string, int> texts;
    for (const auto& line : sink_.lines()) {
      const auto value = boost::json::parse(line).as_object();
      if (value.at("event").as_string() != "MESSAGE_CREATE") continue;
      EXPECT_EQ(value.at("network").as_string(), "discord");
      EXPECT_EQ(value.at("payload").as_object().at("guild_id").as_string(), kGarden);
      ++texts[std::string(value.at("payload").as_object().at("content").as_string())];
    }
    return texts;
  }
  bool came_once(const std::string& text) const {
    const auto all = texts();
    const auto found = all.find(text);
    return found != all.end() && found->second == 1;
  }
  void expect_once(const std::string& text) {
    EXPECT_TRUE(eventually([&] { return texts().contains(text); })) << text;
    EXPECT_TRUE(came_once(text)) << text;
  }
  int count(std::string_view event) const {
    int count = 0;
    for (const auto& line : sink_.lines())
      count += line.find(fmt::format(R"("event":"{}")", event)) != std::string::npos;
    return count;
  }
  // Written by turns while something goes wrong.
  void say_through(const std::string& control, int messages = 6) {
    for (int i = 0; i < messages; ++i) {
      fake_->say(fmt::format("{} {}", round_, i));
      if (i == messages / 2) fake_->control("misbehave", control);
    }
    for (int i = 0; i < messages; ++i) expect_once(fmt::format("{} {}", round_, i));
    ++round_;
  }

  TestStore store_;
  SystemClock clock_;
  RequestBudget budget_{clock_};
  std::optional<FakeDiscord> fake_;
  KeepingSink sink_;
  std::vector<PersonWish> wishes_;
  std::unique_ptr<Source> source_;
  std::unique_ptr<StreamReader> reader_;
  std::jthread thread_;
  int round_ = 0;
};

TEST_F(GatewayTest, hands_on_what_happens_in_servers_and_nothing_else) {
  follow();
  wait_until_live();
  EXPECT_TRUE(eventually([&] { return count("GUILD_CREATE") == 1; }));
  const auto first = fake_->say("hello");
  const auto second = fake_->say("again");
  fake_->say("SECRET", R"(,"dm":true)");
  fake_->control("edit", fmt::format(R"({{"id":"{}","content":"hello, edited"}})", first));
  fake_->control("react", fmt::format(R"({{"id":"{}"}})", first));
  fake_->control("thread", R"({"name":"aside"})");
  fake_->control("delete", fmt::format(R"({{"ids":["{}","{}"]}})", first, second));
  EXPECT_TRUE(eventually([&] { return count("MESSAGE_DELETE_BULK") == 1; }));
  expect_once("hello");
  EXPECT_EQ(count("MESSAGE_UPDATE"), 1);
  EXPECT_EQ(count("MESSAGE_REACTION_ADD"), 1);
  EXPECT_EQ(count("THREAD_CREATE"), 1);
  for (const auto& line : sink_.lines()) EXPECT_EQ(line.find("SECRET"), std::string::npos);
  EXPECT_THAT(reader_->health().transport, HasSubstr("zlib"));
}

TEST_F(GatewayTest, nothing_is_lost_or_doubled_whatever_the_gateway_does) {
  follow();
  wait_until_live();
  for (const auto* const wrong :
       {R"({"action":"close","code":4000})", R"({"action":"reconnect"})", R"({"action":"abort"})",
        R"({"action":"cut"})", R"({"action":"invalid","d":true})",
        R"({"action":"send","text":"{\"op\":77}"})", R"({"action":"send","text":"no JSON"})",
        R"({"action":"bytes","hex":"deadbeef"})",
        R"({"action":"send","text":"{\"op\":0,\"s\":99999,\"t\":\"MESSAGE_CREATE\",\"d\":{}}"})"}) {
    SCOPED_TRACE(wrong);
    say_through(wrong);
  }
  // All that on one session.
  EXPECT_EQ(fake_->control("gateway").at("sessions").as_int64(), 1);
}

TEST_F(GatewayTest, repeated_and_disordered_and_in_pieces) {
  follow();
  wait_until_live();
  fake_->control("settings", R"({"repeat":2,"pieces":4})");
  say_through(R"({"action":"reconnect"})");
  fake_->control("settings", R"({"repeat":0,"pieces":1,"reorder":true})");
  for (int i = 0; i < 4; ++i) fake_->say(fmt::format("disorder {}", i));
  fake_->control("settings", R"({"reorder":false})");
  fake_->say("order");
  for (int i = 0; i < 4; ++i) expect_once(fmt::format("disorder {}", i));
  expect_once("order");
}

TEST_F(GatewayTest, what_was_missed_without_a_session_is_read_from_the_channels) {
  follow();
  wait_until_live();
  fake_->say("before");
  expect_once("before");
  fake_->control("misbehave", R"({"action":"expire"})");
  for (int i = 0; i < 250; ++i)
    fake_->say(fmt::format("missed {}", i), R"(,"quiet":true,"channel":"random")");
  fake_->say("missed elsewhere", R"(,"quiet":true)");
  fake_->control("misbehave", R"({"action":"close","code":4009})");
  for (int i = 0; i < 250; ++i) expect_once(fmt::format("missed {}", i));
  expect_once("missed elsewhere");
  fake_->say("after");
  expect_once("after");
  EXPECT_TRUE(came_once("before"));
}

TEST_F(GatewayTest, goes_on_from_its_cursor) {
  follow();
  wait_until_live();
  fake_->say("first");
  expect_once("first");
  EXPECT_TRUE(eventually([&] { return !read_cursor(cursor(), 1, Instant{}, Duration{0})[0].has_gap; }));
  stop();
  fake_->say("meanwhile");
  follow(cursor());
  expect_once("meanwhile");
  stop();
  // The session is gone, and so is what the gateway had to tell.
  fake_->control("misbehave", R"({"action":"expire"})");
  fake_->say("later");
  follow(cursor());
  expect_once("later");
  EXPECT_TRUE(came_once("first"));
  EXPECT_TRUE(came_once("meanwhile"));
}

TEST_F(GatewayTest, a_gateway_that_answers_no_heartbeat_is_left) {
  follow();
  wait_until_live();
  fake_->control("settings", R"({"no_acks":true})");
  EXPECT_TRUE(eventually([&] { return reader_->health().reconnects > 0; }));
  fake_->control("settings", R"({"no_acks":false})");
  fake_->say("still here");
  expect_once("still here");
}

TEST_F(GatewayTest, asks_for_less_where_it_may_not_have_all) {
  fake_->control("settings", R"({"disallowed":["members","content"]})");
  follow();
  EXPECT_TRUE(eventually([&] { return is_live() && !reader_->health().last_error.empty(); }));
  EXPECT_THAT(reader_->health().last_error, HasSubstr("Message Content Intent"));
}

TEST_F(GatewayTest, a_token_that_is_refused_is_said_to_be) {
  follow({}, "nonsense");
  EXPECT_TRUE(eventually([&] { return reader_->health().state == ConnectorState::failed; }));
  EXPECT_THAT(reader_->health().last_error, HasSubstr("token"));
}

TEST_F(GatewayTest, a_server_that_is_not_watched_is_left_out) {
  follow({}, kFakeToken, "server:1");
  wait_until_live();
  fake_->say("not for us");
  ASSERT_TRUE(reader_->watch({std::string("server:") + kGarden}));
  EXPECT_TRUE(eventually([&] { return count("GUILD_CREATE") == 1; }));
  fake_->say("for us");
  expect_once("for us");
}

TEST_F(GatewayTest, follows_several_shards) {
  launch({"--heartbeat-ms", "500", "--shards", "2"});
  follow();
  EXPECT_TRUE(eventually([&] { return fake_->control("gateway").at("live").as_int64() == 2; }));
  fake_->say("to one of them");
  expect_once("to one of them");
}

TEST_F(GatewayTest, heeds_commands_and_answers_them) {
  follow();
  wait_until_live();
  ASSERT_TRUE(eventually([&] { return fake_->control("commands").at("commands").as_array().size() == 2; }));
  fake_->control(
      "command",
      R"({"name":"consent","user":"ann","dm":true,"options":[{"type":1,"name":"give","options":[]}]})");
  fake_->control("command", R"({"name":"leave-me-alone","user":"ben"})");
  ASSERT_TRUE(eventually([&] {
    const auto kept = fake_->control("interactions").at("interactions").as_object();
    return kept.size() == 2 && std::all_of(kept.begin(), kept.end(), [](const auto& one) {
             return !one.value().at("answer").is_null();
           });
  }));
  ASSERT_EQ(wishes_.size(), 2U);
  EXPECT_EQ(wishes_[0].kind, PersonWish::Kind::let_read);
  EXPECT_EQ(wishes_[0].person_id, kAnn);
  EXPECT_EQ(wishes_[1].kind, PersonWish::Kind::leave_alone);
  EXPECT_THAT(wishes_[1].evidence, HasSubstr("interaction"));
  // Nothing of it is an event: it carries what lets others answer in the bot's name.
  EXPECT_EQ(count("INTERACTION_CREATE"), 0);
}

TEST(GatewayPlace, another_number_of_shards_begins_where_the_furthest_behind_came_to) {
  const auto at = from_micros(5'000'000);
  const std::vector<ShardPlace> kept{{"s", "u", 7, at, false},
                                     {"t", "u", 9, at + std::chrono::hours(1), false}};
  const auto same = read_cursor(to_cursor(kept), 2, at, Duration{0});
  EXPECT_EQ(same[1].session, "t");
  EXPECT_EQ(same[1].seq, 9);
  EXPECT_FALSE(same[1].has_gap);
  const auto other = read_cursor(to_cursor(kept), 3, at, Duration{0});
  ASSERT_EQ(other.size(), 3U);
  EXPECT_EQ(other[2].session, "");
  EXPECT_EQ(other[2].at, at);
  EXPECT_TRUE(other[2].has_gap);
  EXPECT_EQ(read_cursor({}, 1, at, std::chrono::seconds(2))[0].at, at - std::chrono::seconds(2));
}

}  // namespace
}  // namespace linnet::connect::discord
