// The connector against a Jetstream on a real port: nothing is lost or doubled over drops, restarts and
// garbage; filters, compression, bounds, and what it says of itself.
#include "connect/bluesky/jetstream_connector.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "connect/bluesky/fake_jetstream.hpp"
#include "connect/mastodon/pretend_server.hpp"

namespace linnet::connect::bluesky {
namespace {

using mastodon::KeepingSink;
using std::chrono::milliseconds;
using testing::HasSubstr;

class NoPosts final : public KnownPosts {
 public:
  Result<std::optional<Instant>> post_since(std::string_view uri) override {
    return posts.contains(std::string(uri)) ? std::optional(Instant{}) : std::nullopt;
  }
  Result<std::optional<Instant>> account_since(std::string_view did) override {
    return did == "did:plc:known" ? std::optional(Instant{}) : std::nullopt;
  }
  Result<std::vector<std::string>> posts_of(std::string_view, Instant) override {
    return std::vector<std::string>(posts.begin(), posts.end());
  }
  Result<std::vector<std::string>> taken_down_posts_of(std::string_view, Instant) override {
    return std::vector<std::string>();
  }
  std::set<std::string> posts;
};

class JetstreamConnectorTest : public testing::Test {
 protected:
  static FakePost numbered(int number, std::string tag = "") {
    return {.key = std::to_string(1'000 + number),
            .time_us = to_micros(std::chrono::floor<Duration>(std::chrono::system_clock::now())) -
                       60'000'000 + number * 1'000,
            .tag = std::move(tag)};
  }
  void make(const std::vector<std::string>& streams = {"public"}, std::optional<std::string> cursor = {}) {
    options_.servers = {server_.url()};
    options_.cursor = std::move(cursor);
    options_.backoff.first = milliseconds(1);
    options_.hand_on_after = milliseconds(5);
    options_.save_cursor_every = milliseconds(0);
    Interest interest;
    for (const auto& stream : streams) ASSERT_TRUE(interest.add(stream).ok());
    connector_.emplace(
        "https://bsky.social", sink_, known_, clock_, [] { return 1.0; }, interest, options_,
        [](const ConnectorHealth&) {});
  }
  void start() {
    thread_ = std::jthread([this](const std::stop_token& stop) { connector_->run(stop); });
    ASSERT_TRUE(eventually([&] { return !server_.hellos().empty(); }));
  }
  void stop() {
    thread_.request_stop();
    thread_.join();
  }
  template <typename Predicate>
  static bool eventually(Predicate predicate) {
    for (int i = 0; i < 1'000; ++i) {
      if (predicate()) return true;
      std::this_thread::sleep_for(milliseconds(10));
    }
    return false;
  }
  // How often each line came, by the key of its post.
  std::map<std::string, int> keys() const {
    std::map<std::string, int> keys;
    for (const auto& line : sink_.lines()) {
      const auto at = line.find(R"("rkey":")");
      if (at != std::string::npos) ++keys[line.substr(at + 8, line.find('"', at + 8) - at - 8)];
    }
    return keys;
  }
  std::string write_dictionary(const std::string& dictionary) {
    auto path = testing::TempDir() + "linnet-jetstream-dictionary";
    std::ofstream(path, std::ios::binary) << dictionary;
    return path;
  }

  SystemClock clock_;
  FakeJetstream server_;
  KeepingSink sink_;
  NoPosts known_;
  JetstreamOptions options_;
  std::optional<JetstreamConnector> connector_;
  std::jthread thread_;
};

TEST_F(JetstreamConnectorTest, loses_nothing_over_drops_within_a_message) {
  make();
  start();
  server_.drop_after = 7;
  std::int64_t newest = 0;
  for (int i = 0; i < 60; ++i) {
    const auto post = numbered(i);
    newest = std::max<std::int64_t>(newest, post.time_us);
    server_.publish(post);
  }
  // A few seconds are read again each time: without more room the server would never come past its seventh.
  ASSERT_TRUE(eventually([&] { return connector_->health().reconnects >= 3; }));
  server_.drop_after = 0;
  ASSERT_TRUE(eventually([&] { return keys().size() == 60U; })) << keys().size();
  stop();
  EXPECT_EQ(connector_->health().state, ConnectorState::stopped);
  const auto cursors = sink_.cursors();
  ASSERT_FALSE(cursors.empty());
  EXPECT_TRUE(std::is_sorted(cursors.begin(), cursors.end())) << "the place only moves on";
  EXPECT_LE(std::stoll(cursors.back()), newest);
  EXPECT_GE(std::stoll(cursors.back()), newest - 1'000'000) << "the place is that of the last messages";
  std::set<std::string> lines;
  for (const auto& line : sink_.lines()) lines.insert(line);
  EXPECT_EQ(lines.size(), 60U) << "what came twice came in the same words";
}

TEST_F(JetstreamConnectorTest, goes_on_a_few_seconds_before_the_place_of_the_last_run) {
  const auto first = numbered(0);
  for (int i = 0; i < 20; ++i) server_.publish(numbered(i * 1'000));  // one a second
  make({"public"}, std::to_string(first.time_us + 10'000'000));
  start();
  ASSERT_TRUE(eventually([&] { return keys().contains(numbered(19'000).key); }));
  stop();
  EXPECT_FALSE(keys().contains(numbered(4'000).key));
  for (int i = 5; i < 20; ++i) EXPECT_EQ(keys()[numbered(i * 1'000).key], 1) << i;
  EXPECT_THAT(server_.targets().at(0), HasSubstr("cursor=" + std::to_string(first.time_us + 5'000'000)));
  EXPECT_EQ(connector_->health().gap_events, 15U);
}

TEST_F(JetstreamConnectorTest, begins_at_the_present_on_the_first_start) {
  server_.publish(numbered(1));
  make();
  start();
  server_.publish(numbered(2));
  ASSERT_TRUE(eventually([&] { return keys().contains(numbered(2).key); }));
  stop();
  EXPECT_FALSE(keys().contains(numbered(1).key));
  EXPECT_EQ(server_.targets().at(0).find("cursor"), std::string::npos);
}

TEST_F(JetstreamConnectorTest, hands_on_only_what_is_watched) {
  make({"hashtag:Books", "account:did:plc:bob"});
  start();
  EXPECT_THAT(server_.hellos().at(0), HasSubstr(R"("wantedDids":[])")) << "tags are looked at here";
  server_.publish(numbered(1, "books"));
  server_.publish(numbered(2, "cats"));
  auto bob = numbered(3);
  bob.did = "did:plc:bob";
  server_.publish(bob);
  auto gone = numbered(2);
  gone.operation = "delete";
  server_.publish(gone);  // of a post that is not kept
  gone.key = numbered(1).key;
  server_.publish(gone);
  known_.posts.insert(uri_of(numbered(7)));
  auto edit = numbered(7, "cats");
  edit.operation = "update";
  server_.publish(edit);  // no longer tagged, but kept
  ASSERT_TRUE(eventually([&] { return sink_.lines().size() >= 4; }));
  stop();
  const auto lines = sink_.lines();
  ASSERT_EQ(lines.size(), 4U);
  EXPECT_THAT(lines[0], HasSubstr(R"("event":"update","network":"bluesky","payload":{"did":"did:plc:ada")"));
  EXPECT_THAT(lines[1], HasSubstr("did:plc:bob"));
  EXPECT_THAT(lines[2], HasSubstr(R"("event":"delete","payload":")" + uri_of(numbered(1)) + "\""));
  EXPECT_THAT(lines[3], HasSubstr(R"("event":"status.update")"));
}

TEST_F(JetstreamConnectorTest,
       lets_the_server_choose_the_accounts_and_changes_its_mind_without_reconnecting) {
  make({"account:did:plc:bob"});
  start();
  EXPECT_THAT(server_.hellos().at(0), HasSubstr(R"("wantedDids":["did:plc:bob"])"));
  Interest interest;
  ASSERT_TRUE(interest.add("account:did:plc:eve").ok());
  connector_->watch(interest);
  ASSERT_TRUE(eventually([&] { return server_.hellos().size() == 2; }));
  EXPECT_THAT(server_.hellos().at(1), HasSubstr(R"("wantedDids":["did:plc:eve"])"));
  EXPECT_EQ(server_.connections(), 1);
  auto eve = numbered(1);
  eve.did = "did:plc:eve";
  server_.publish(eve);
  ASSERT_TRUE(eventually([&] { return sink_.lines().size() == 1; }));
  stop();
  EXPECT_EQ(connector_->health().stream, "account:did:plc:eve");
}

TEST_F(JetstreamConnectorTest, an_account_that_is_gone_takes_its_posts_along) {
  make({"account:did:plc:ada"});
  known_.posts = {"at://did:plc:ada/app.bsky.feed.post/old"};
  start();
  server_.publish(numbered(1));  // not in the tables yet
  server_.publish(account_message("did:plc:ada", "deactivated", numbered(2).time_us));
  server_.publish(account_message("did:plc:ada", "deleted", numbered(3).time_us));
  ASSERT_TRUE(eventually([&] { return sink_.lines().size() >= 4; }));
  stop();
  const auto lines = sink_.lines();
  ASSERT_EQ(lines.size(), 4U);
  EXPECT_THAT(lines[1], HasSubstr(R"("event":"account")"));
  EXPECT_THAT(lines[2], HasSubstr(R"("event":"delete","payload":"at://did:plc:ada/app.bsky.feed.post/old")"));
  EXPECT_THAT(lines[3], HasSubstr(uri_of(numbered(1))));
}

TEST_F(JetstreamConnectorTest, takes_new_handles_of_accounts_that_are_kept) {
  make();
  start();
  server_.publish(identity_message("did:plc:stranger", "stranger.example", numbered(1).time_us));
  server_.publish(identity_message("did:plc:known", "known.example", numbered(2).time_us));
  ASSERT_TRUE(eventually([&] { return !sink_.lines().empty(); }));
  stop();
  ASSERT_EQ(sink_.lines().size(), 1U);
  EXPECT_THAT(sink_.lines()[0], HasSubstr("known.example"));
}

TEST_F(JetstreamConnectorTest, is_compressed_with_a_dictionary) {
  server_.dictionary = train_dictionary();
  options_.dictionary = write_dictionary(server_.dictionary);
  make();
  start();
  for (int i = 0; i < 50; ++i) server_.publish(numbered(i));
  ASSERT_TRUE(eventually([&] { return keys().size() == 50U; }));
  EXPECT_EQ(connector_->health().transport, "websocket, zstd");
  EXPECT_THAT(server_.targets().at(0), HasSubstr("compress=true"));
  // A bomb, and garbage: left out with a word, and what comes after is read.
  server_.send_raw(compress(std::string(64U << 20U, 'x'), server_.dictionary), 2);
  server_.publish(numbered(50));
  ASSERT_TRUE(eventually([&] { return keys().contains(numbered(50).key); }));
  EXPECT_THAT(connector_->health().last_error, HasSubstr("more than 1048576 bytes once decompressed"));
  server_.send_raw("no zstd at all", 2);
  server_.publish(numbered(51));
  ASSERT_TRUE(eventually([&] { return keys().contains(numbered(51).key); }));
  EXPECT_THAT(connector_->health().last_error, HasSubstr("compressed data"));
  EXPECT_EQ(server_.connections(), 1);
  stop();
}

TEST_F(JetstreamConnectorTest, does_without_compression_and_says_why) {
  make();
  start();
  ASSERT_TRUE(eventually([&] { return connector_->health().state == ConnectorState::live; }));
  EXPECT_THAT(connector_->health().transport, HasSubstr("not compressed: no jetstream_dictionary is set"));
  stop();
  options_.dictionary = "/nowhere/at/all";
  make();
  start();
  ASSERT_TRUE(eventually([&] { return connector_->health().state == ConnectorState::live; }));
  EXPECT_THAT(connector_->health().transport, HasSubstr("the file cannot be read"));
  stop();
}

TEST_F(JetstreamConnectorTest, a_dictionary_that_is_not_the_servers_is_done_without) {
  server_.dictionary = train_dictionary();
  options_.dictionary = write_dictionary(train_dictionary(7));
  make({"public"}, std::to_string(numbered(0).time_us));
  start();
  for (int i = 0; i < 5; ++i) server_.publish(numbered(i));
  ASSERT_TRUE(eventually([&] { return keys().size() == 5U; }));
  EXPECT_THAT(connector_->health().transport, HasSubstr("the server uses another dictionary"));
  stop();
}

TEST_F(JetstreamConnectorTest, keeps_garbage_and_goes_on) {
  make();
  start();
  for (const auto* const garbage :
       {"", "{", "null", "{\"kind\":\"commit\"}",
        R"({"did":"did:plc:a","time_us":1785585600123456,"kind":"x"},"event":"delete","payload":"1")",
        "{\"event\":\"delete\",\"payload\":\"1\"}"})
    server_.send_raw(garbage);
  server_.publish(numbered(1));
  ASSERT_TRUE(eventually([&] { return keys().contains(numbered(1).key); }));
  stop();
  for (const auto& line : sink_.lines()) EXPECT_THAT(line, HasSubstr(R"("network":"bluesky")"));
  EXPECT_GE(sink_.lines().size(), 6U);
}

TEST_F(JetstreamConnectorTest, leaves_out_what_is_larger_than_asked_for) {
  make();
  server_.heeds_size = false;
  start();
  auto large = numbered(1);
  large.text = std::string(2U << 20U, 'x');
  server_.publish(large);
  server_.publish(numbered(2));
  ASSERT_TRUE(eventually([&] { return keys().contains(numbered(2).key); }));
  EXPECT_EQ(keys().size(), 1U);
  EXPECT_THAT(connector_->health().last_error, HasSubstr("more than 1048576 bytes"));
  stop();
}

TEST_F(JetstreamConnectorTest, an_event_from_the_future_does_not_move_the_place) {
  make();
  start();
  server_.publish(identity_message("did:plc:x", "x.example", 250'000'000'000'000'000));
  server_.publish(numbered(1));
  ASSERT_TRUE(eventually([&] { return !sink_.cursors().empty(); }));
  stop();
  EXPECT_EQ(sink_.cursors().back().size(), 16U);
}

TEST_F(JetstreamConnectorTest, says_when_the_time_away_was_too_long) {
  server_.clamps = true;
  server_.publish(numbered(1));
  make({"public"}, std::to_string(numbered(0).time_us - 3LL * 24 * 3'600 * 1'000'000));
  start();
  ASSERT_TRUE(eventually([&] { return connector_->health().gaps_cut == 1; }));
  EXPECT_THAT(connector_->health().last_error, HasSubstr("too long"));
  stop();
}

TEST_F(JetstreamConnectorTest, tries_the_next_server_when_one_refuses) {
  FakeJetstream other;
  server_.refuse_with = 403;
  make();
  options_.servers = {server_.url(), other.url()};
  Interest interest;
  ASSERT_TRUE(interest.add("public").ok());
  connector_.emplace(
      "https://bsky.social", sink_, known_, clock_, [] { return 1.0; }, interest, options_,
      std::function<void(const ConnectorHealth&)>());
  thread_ = std::jthread([this](const std::stop_token& stop) { connector_->run(stop); });
  ASSERT_TRUE(eventually([&] { return !other.hellos().empty(); }));
  stop();
}

TEST_F(JetstreamConnectorTest, rests_when_it_is_refused_everywhere) {
  server_.refuse_with = 403;
  make();
  thread_ = std::jthread([this](const std::stop_token& stop) { connector_->run(stop); });
  ASSERT_TRUE(eventually([&] { return connector_->health().state == ConnectorState::failed; }));
  std::this_thread::sleep_for(milliseconds(100));
  EXPECT_EQ(server_.connections(), 1);
  const auto before = std::chrono::steady_clock::now();
  stop();
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(2));
}

TEST_F(JetstreamConnectorTest, ends_when_what_comes_in_cannot_be_stored) {
  make();
  sink_.refuse(unavailable("the disk is full"));
  start();
  server_.publish(numbered(1));
  ASSERT_TRUE(eventually([&] { return connector_->health().state == ConnectorState::failed; }));
  thread_.join();  // by itself
  EXPECT_THAT(connector_->health().last_error, HasSubstr("the disk is full"));
}

}  // namespace
}  // namespace linnet::connect::bluesky
