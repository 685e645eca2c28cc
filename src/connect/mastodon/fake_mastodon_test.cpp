// The whole connector against the fake Mastodon server: signing in, both ways of streaming, outages, budgets.
#include "connect/mastodon/fake_mastodon.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <thread>

#include "connect/event_reader.hpp"
#include "connect/mastodon/count_poller.hpp"
#include "connect/mastodon/door.hpp"
#include "connect/mastodon/follows.hpp"
#include "connect/mastodon/oauth.hpp"
#include "connect/mastodon/pretend_server.hpp"
#include "connect/mastodon/stream_connector.hpp"
#include "connect/sign_in_here.hpp"
#include "connect/test_store.hpp"

namespace linnet::connect::mastodon {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

class FakeMastodonTest : public testing::Test {
 protected:
  void SetUp() override {
    if (const auto reason = FakeMastodon::missing()) GTEST_SKIP() << *reason;
    launch({});
  }
  void launch(const std::vector<std::string>& options) {
    fake_.reset();
    fake_.emplace(options);
    ASSERT_TRUE(fake_->is_running());
    ApiOptions with_token;
    with_token.base_url = fake_->url();
    with_token.token = "test-token-alice";
    budget_.emplace(clock_);
    api_.emplace(transport_, *budget_, with_token);
  }
  void follow(std::string stream = "public") {
    StreamConnectorOptions wanted{StreamKind::parse(stream).value(), std::nullopt};
    wanted.live.idle_tick = milliseconds(20);
    wanted.live.ping_every = milliseconds(300);
    wanted.live.idle_timeout = milliseconds(1'500);
    wanted.backoff.first = milliseconds(10);
    wanted.backoff.cap = milliseconds(200);
    wanted.settle = milliseconds(100);
    wanted.save_cursor_every = milliseconds(50);
    connector_.emplace(
        *api_, events_, sink_, clock_, [] { return 1.0; }, std::move(wanted), nullptr);
    thread_ = std::jthread([this](const std::stop_token& stop) { connector_->run(stop); });
    ASSERT_TRUE(eventually([&] { return connector_->health().state == ConnectorState::live; }));
  }
  void stop() {
    thread_.request_stop();
    thread_.join();
  }
  template <typename Predicate>
  bool eventually(Predicate predicate) {
    for (int i = 0; i < 1'500; ++i) {
      if (predicate()) return true;
      std::this_thread::sleep_for(milliseconds(10));
    }
    return false;
  }
  std::map<std::string, int> seen() {
    std::map<std::string, int> ids;
    EventReader reader;
    for (const auto& line : sink_.lines()) {
      Arena arena;
      const auto event = reader.read(line, Instant{}, arena);
      EXPECT_EQ(event.error, "");
      if (event.type == "update") ++ids[std::string(event.status_id)];
    }
    return ids;
  }
  // With a browser that does what it is told.
  Result<SignedInAccount> sign_in(KeptApps kept) {
    std::jthread browser;
    SignInRequest request{{transport_, *budget_, clock_, fake_->url()}, {}, false, "", "", std::move(kept)};
    return sign_in_here(
        sign_in_door(), std::move(request),
        [&](const std::string& url) {
          browser = std::jthread([this, url] {
            net::HttpRequest request;
            request.url = url;
            request.redirects = net::Redirects::refuse;
            const auto answer = transport_.send(request, {});
            request.url = std::string(answer->headers.find("Location").value_or(""));
            static_cast<void>(transport_.send(request, {}));
          });
        },
        std::chrono::seconds(20), stop_.get_token());
  }
  bool has_seen(const std::vector<std::string>& ids) {
    const auto all = seen();
    return std::all_of(ids.begin(), ids.end(), [&](const auto& id) { return all.count(id) == 1; });
  }
  // Publishes while connected and while not; at the end each was seen once.
  void expect_no_gap() {
    std::vector<std::string> published;
    const auto publish = [&](int times) {
      for (auto& id : fake_->publish(times)) published.push_back(std::move(id));
    };
    for (int round = 0; round < 3; ++round) {
      publish(5);
      ASSERT_TRUE(eventually([&] { return has_seen(published); }));
      fake_->control("settings", R"({"refuse_streaming":503})");
      fake_->control("streams", R"({"action":"abort"})");
      publish(100);
      fake_->control("settings", R"({"refuse_streaming":null})");
    }
    publish(5);
    ASSERT_TRUE(eventually([&] { return has_seen(published); }));
    stop();
    const auto ids = seen();
    for (const auto& id : published) EXPECT_EQ(ids.at(id), 1) << id;
    EXPECT_GE(connector_->health().reconnects, 3U);
    EXPECT_EQ(connector_->health().gaps_cut, 0U);
  }

  SystemClock clock_;
  net::CurlTransport transport_;
  net::CurlEventSource events_;
  KeepingSink sink_;
  std::optional<FakeMastodon> fake_;
  std::optional<RequestBudget> budget_;
  std::optional<ApiClient> api_;
  std::optional<StreamConnector> connector_;
  std::jthread thread_;
  std::stop_source stop_;
};

TEST_F(FakeMastodonTest, signs_in_as_a_browser_would) {
  OAuth oauth({transport_, *budget_, clock_, fake_->url()});
  const auto signed_in = sign_in({});
  ASSERT_TRUE(signed_in.ok()) << signed_in.error().message;
  EXPECT_FALSE(signed_in->username.empty());
  const auto pasted = oauth.with_token(signed_in->credentials.token, stop_.get_token());
  ASSERT_TRUE(pasted.ok());
  EXPECT_EQ(pasted->account.id, signed_in->user_id);
  EXPECT_EQ(oauth.with_token("never-given", stop_.get_token()).error().kind, ErrorKind::denied);
}

TEST_F(FakeMastodonTest, signs_in_again_with_the_registration_of_before) {
  std::vector<AppRegistration> kept;
  const KeptApps book{[&] { return Result<std::vector<AppRegistration>>(kept); },
                      [&](const AppRegistration& app) -> Status {
                        kept = {app};
                        kept[0].kept_as = "app";
                        return {};
                      },
                      [&](const AppRegistration&) -> Status {
                        kept.clear();
                        return {};
                      }};
  const auto first = sign_in(book);
  ASSERT_TRUE(first.ok()) << first.error().message;
  EXPECT_EQ(kept.at(0).app_token, "");
  const auto redirect_uri = kept.at(0).redirect_uri;
  for (int again = 0; again < 2; ++again) {
    const auto next = sign_in(book);
    ASSERT_TRUE(next.ok()) << next.error().message;
    EXPECT_EQ(next->credentials.client_id, first->credentials.client_id);
    EXPECT_EQ(kept.at(0).redirect_uri, redirect_uri);
    EXPECT_NE(next->credentials.token, first->credentials.token);
  }
  EXPECT_NE(kept.at(0).app_token, "");
  // Another server, which never heard of it, at another address of course.
  bool is_forgotten = false;
  launch({});
  const KeptApps elsewhere{[&] { return Result<std::vector<AppRegistration>>(kept); },
                           [&](const AppRegistration&) -> Status { return {}; },
                           [&](const AppRegistration&) -> Status {
                             is_forgotten = true;
                             return {};
                           }};
  const auto anew = sign_in(elsewhere);
  ASSERT_TRUE(anew.ok()) << anew.error().message;
  EXPECT_TRUE(is_forgotten);
}

TEST_F(FakeMastodonTest, no_gap_by_web_socket) {
  follow();
  EXPECT_EQ(connector_->health().transport, "websocket");
  expect_no_gap();
}

TEST_F(FakeMastodonTest, no_gap_by_server_sent_events) {
  launch({"--heartbeat", "0.2"});
  fake_->control("settings", R"({"refuse_websocket":404})");
  follow("hashtag:birds");
  EXPECT_EQ(connector_->health().transport, "server-sent events");
  expect_no_gap();
}

TEST_F(FakeMastodonTest, no_gap_when_half_a_frame_comes_and_then_nothing) {
  follow();
  fake_->control("streams", R"({"action":"half"})");
  const auto published = fake_->publish(20);
  EXPECT_TRUE(eventually([&] { return has_seen(published); }));
  EXPECT_TRUE(eventually([&] { return connector_->health().reconnects >= 1; }));
  stop();
}

TEST_F(FakeMastodonTest, no_gap_while_timelines_fail_in_every_way) {
  follow();
  const auto before = fake_->publish(3);
  ASSERT_TRUE(eventually([&] { return has_seen(before); }));
  fake_->control("settings", R"({"refuse_streaming":503})");
  fake_->control("streams", R"({"action":"abort"})");
  const auto missed = fake_->publish(90);
  for (const char* kind : {R"("html")", R"("truncate")", R"("garbage")", R"("empty")", R"("close")",
                           R"("redirect","to":"http://other.example/")", R"("status","status":502)",
                           R"("status","status":429,"retry_after":1)"}) {
    fake_->control("fail", fmt::format(R"({{"kind":{},"path":"^/api/v1/timelines"}})", kind));
  }
  fake_->control("settings", R"({"refuse_streaming":null})");
  EXPECT_TRUE(eventually([&] { return has_seen(missed); }));
  stop();
  const auto ids = seen();
  for (const auto& id : missed) EXPECT_EQ(ids.at(id), 1) << id;
}

TEST_F(FakeMastodonTest, edits_and_deletions_arrive) {
  follow();
  const auto id = fake_->publish(1).at(0);
  fake_->control("edit", fmt::format(R"({{"id":"{}","text":"Hello again"}})", id));
  fake_->control("delete", fmt::format(R"({{"id":"{}"}})", id));
  const auto has_line = [&](const std::string& what) {
    const auto lines = sink_.lines();
    return std::any_of(lines.begin(), lines.end(),
                       [&](const auto& line) { return line.find(what) != line.npos; });
  };
  EXPECT_TRUE(eventually([&] { return has_line(R"("event":"status.update")"); }));
  EXPECT_TRUE(eventually([&] { return has_line(fmt::format(R"("event":"delete","payload":"{}")", id)); }));
  stop();
}

TEST_F(FakeMastodonTest, a_guest_is_told_to_sign_in) {
  ApiOptions guest;
  guest.base_url = fake_->url();
  api_.emplace(transport_, *budget_, guest);
  StreamConnectorOptions wanted{StreamKind::parse("public").value(), std::nullopt};
  connector_.emplace(
      *api_, events_, sink_, clock_, [] { return 1.0; }, std::move(wanted), nullptr);
  thread_ = std::jthread([this](const std::stop_token& stop) { connector_->run(stop); });
  ASSERT_TRUE(eventually([&] { return connector_->health().state == ConnectorState::failed; }));
  EXPECT_THAT(connector_->health().last_error, HasSubstr("linnet account add mastodon"));
  stop();
}

TEST_F(FakeMastodonTest, servers_of_other_kinds_are_followed_too) {
  for (const char* profile : {"pleroma", "gotosocial", "mastodon3"}) {
    launch({"--profile", profile});
    follow();
    const auto published = fake_->publish(60);
    EXPECT_TRUE(eventually([&] { return has_seen(published); })) << profile;
    fake_->control("settings", R"({"refuse_streaming":503})");
    fake_->control("streams", R"({"action":"abort"})");
    const auto missed = fake_->publish(60);
    fake_->control("settings", R"({"refuse_streaming":null})");
    EXPECT_TRUE(eventually([&] { return has_seen(missed); })) << profile;
    stop();
  }
}

TEST_F(FakeMastodonTest, polls_in_batches_and_within_the_budget) {
  TestStore store;
  const auto posts = fake_->publish(200);
  const auto hours_ago = to_micros(clock_.now() - std::chrono::hours(3));
  for (const auto& id : posts) {
    store.execute(fmt::format(
        R"(INSERT INTO posts (instance_id, id, account_id, created_at, discovered_at, last_extracted_at,
             content_type, counts_at, replies_count, reblogs_count, favourites_count, engagement_score,
             version_seq, valid_from, content_hash)
           VALUES (1, '{}', '1', {}, 0, {}, 'text', 0, 0, 0, 0, 0, 1, 0, 0))",
        id, hours_ago, hours_ago));
  }
  fake_->control("counts", fmt::format(R"({{"id":"{}","favourites_count":5}})", posts[7]));
  fake_->control("limits", R"({"api":{"limit":8,"period":2},"retry_after":true})");
  CountPollerOptions options;
  CountPoller poller(*api_, store.database(), InstanceId(1), sink_, clock_, options);
  EXPECT_EQ(poller.poll_due(stop_.get_token()).value(), 200U);
  EXPECT_EQ(seen().size(), 200U);
  EXPECT_EQ(fake_->requests("statuses"), 11U) << "forty are refused, then batches of twenty";
  EXPECT_TRUE(budget_->view().has_value());
  const auto requests = fake_->control("requests?since=0");
  for (const auto& request : requests.as_array()) {
    EXPECT_NE(request.at("status").to_number<int>(), 429);
  }
}

TEST_F(FakeMastodonTest, reads_who_follows_whom) {
  TestStore store;
  fake_->control("follow", R"({"who":"bob","whom":"alice"})");
  const auto me = api_->verify_credentials(stop_.get_token()).value();
  const auto read =
      read_follows(*api_, store.writer(), InstanceId(1), PlatformUserId(me.id), clock_, stop_.get_token());
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_GE(read->followers, 1U);
  EXPECT_GE(store.integer("SELECT count(*) FROM account_follows"), 1);
}

}  // namespace
}  // namespace linnet::connect::mastodon
