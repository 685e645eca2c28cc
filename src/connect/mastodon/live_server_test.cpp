// Streams over real connections: by WebSocket and by server-sent events, with servers that misbehave.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "connect/mastodon/door.hpp"
#include "connect/mastodon/socket_server.hpp"
#include "connect/mastodon/stream_connector.hpp"
#include "connect/sign_in_here.hpp"
#include "net/curl_transport.hpp"

namespace linnet::connect::mastodon {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;
using testing::StartsWith;

class LiveServerTest : public testing::Test {
 protected:
  void start(std::string stream = "public", std::string token = "") {
    ApiOptions options;
    options.base_url = server_.url();
    options.token = std::move(token);
    api_.emplace(transport_, budget_, options);
    StreamConnectorOptions wanted{StreamKind::parse(stream).value(), std::nullopt};
    wanted.live.idle_tick = milliseconds(20);
    wanted.live.ping_every = milliseconds(200);
    wanted.live.idle_timeout = milliseconds(400);
    wanted.backoff.first = milliseconds(5);
    wanted.settle = milliseconds(50);
    wanted.save_cursor_every = milliseconds(50);
    connector_.emplace(
        *api_, events_, sink_, clock_, [] { return 1.0; }, std::move(wanted), nullptr);
    thread_ = std::jthread([this](const std::stop_token& stop) { connector_->run(stop); });
  }
  void stop() {
    thread_.request_stop();
    thread_.join();
  }
  template <typename Predicate>
  bool eventually(Predicate predicate) {
    for (int i = 0; i < 2'000; ++i) {
      if (predicate()) return true;
      std::this_thread::sleep_for(milliseconds(5));
    }
    return false;
  }
  bool has(int id) { return sink_.ids().count(std::to_string(id)) == 1; }
  void expect_each_once(int first, int last) {
    const auto ids = sink_.ids();
    EXPECT_EQ(ids.size(), static_cast<std::size_t>(last - first + 1));
    for (int id = first; id <= last; ++id) {
      const auto seen = ids.find(std::to_string(id));
      ASSERT_NE(seen, ids.end()) << id;
      EXPECT_EQ(seen->second, 1) << id;
    }
  }
  // Drops the stream again and again, publishing all the while.
  void expect_no_gap() {
    server_.rest.publish("1000");
    int next = 1001;
    for (int round = 0; round < 4; ++round) {
      ASSERT_TRUE(eventually([&] { return server_.listeners() == 1; }));
      for (int i = 0; i < 10; ++i) server_.publish(std::to_string(next++));
      ASSERT_TRUE(eventually([&] { return has(next - 1); }));
      server_.refuse_streams_with = 503;
      server_.drop_streams();
      for (int i = 0; i < 90; ++i) server_.publish(std::to_string(next++));
      server_.refuse_streams_with = 0;
    }
    ASSERT_TRUE(eventually([&] { return server_.listeners() == 1 && has(next - 1); }));
    server_.publish(std::to_string(next));
    ASSERT_TRUE(
        eventually([&] { return has(next) && sink_.ids().size() == static_cast<std::size_t>(next - 999); }));
    ASSERT_TRUE(eventually([&] { return sink_.cursors().back() == std::to_string(next); }));
    stop();
    expect_each_once(1000, next);
    EXPECT_GE(connector_->health().reconnects, 4U);
  }

  SystemClock clock_;
  SocketServer server_;
  net::CurlTransport transport_;
  net::CurlEventSource events_;
  RequestBudget budget_{clock_};
  KeepingSink sink_;
  std::optional<ApiClient> api_;
  std::optional<StreamConnector> connector_;
  std::jthread thread_;
};

TEST_F(LiveServerTest, no_gap_over_web_sockets) {
  start("public", "tok");
  expect_no_gap();
  EXPECT_EQ(server_.last_stream_request(), "/api/v1/streaming?stream=public Bearer tok");
}

TEST_F(LiveServerTest, no_gap_over_server_sent_events) {
  server_.has_web_socket = false;
  start();
  expect_no_gap();
  EXPECT_EQ(server_.last_stream_request(), "/api/v1/streaming/public guest");
}

TEST_F(LiveServerTest, remembers_that_web_sockets_do_not_work) {
  server_.has_web_socket = false;
  start("hashtag:cats");
  ASSERT_TRUE(eventually([&] { return server_.listeners() == 1; }));
  EXPECT_TRUE(eventually([&] { return connector_->health().transport == "server-sent events"; }));
  EXPECT_EQ(server_.connections, 2);
  server_.drop_streams();
  ASSERT_TRUE(eventually([&] { return server_.listeners() == 1; }));
  EXPECT_EQ(server_.connections, 3) << "the WebSocket is not tried again";
  EXPECT_THAT(server_.last_stream_request(), StartsWith("/api/v1/streaming/hashtag?tag=cats "));
  stop();
}

TEST_F(LiveServerTest, gives_up_on_half_a_frame_that_never_ends) {
  start();
  ASSERT_TRUE(eventually([&] { return server_.listeners() == 1; }));
  server_.hangs = true;
  server_.send_raw(std::string("\x81\x7E\x40\x00", 4) + "{\"event\":\"upd");
  ASSERT_TRUE(eventually([&] { return server_.connections >= 2; })) << "no pong: the connection is given up";
  server_.hangs = false;
  server_.publish("42");
  ASSERT_TRUE(eventually([&] { return has(42); }));
  stop();
}

TEST_F(LiveServerTest, gives_up_on_an_event_stream_that_falls_silent) {
  server_.has_web_socket = false;
  start();
  ASSERT_TRUE(eventually([&] { return server_.listeners() == 1; }));
  server_.send_raw("event: update\ndata: {\"id\":\"4");
  ASSERT_TRUE(eventually([&] { return server_.connections >= 3; }));
  stop();
}

TEST_F(LiveServerTest, a_frame_larger_than_allowed_ends_the_connection_not_the_program) {
  start();
  ASSERT_TRUE(eventually([&] { return server_.listeners() == 1; }));
  server_.send_raw(std::string("\x81\x7F\x00\x00\x00\x01\x00\x00\x00\x00", 10));  // 4 GiB
  ASSERT_TRUE(eventually([&] { return server_.connections >= 2 && server_.listeners() == 1; }));
  server_.publish("42");
  ASSERT_TRUE(eventually([&] { return has(42); }));
  stop();
}

TEST_F(LiveServerTest, a_guest_who_is_refused_is_told_to_sign_in) {
  server_.refuse_streams_with = 401;
  start();
  ASSERT_TRUE(eventually([&] { return connector_->health().state == ConnectorState::failed; }));
  EXPECT_THAT(connector_->health().last_error, HasSubstr("linnet account add mastodon http://127.0.0.1"));
  stop();
}

TEST_F(LiveServerTest, an_account_that_is_refused_is_told_to_sign_in_again) {
  server_.refuse_streams_with = 401;
  start("public", "old");
  ASSERT_TRUE(eventually([&] { return connector_->health().state == ConnectorState::failed; }));
  EXPECT_THAT(connector_->health().last_error, HasSubstr("sign in again"));
  EXPECT_EQ(server_.connections, 2) << "by header, then by subprotocol";
  stop();
}

TEST_F(LiveServerTest, a_server_in_trouble_is_asked_again) {
  // For the description of the server.
  server_.rest.answer_next({200, {{"Content-Type", "text/html"}}, "<h1>Under maintenance</h1>", {}});
  server_.rest.answer_next({500, {}, "", {}});
  server_.rest.answer_next({302, {{"Location", "http://elsewhere.example/"}}, "", {}});
  server_.rest.publish("41");
  start();
  ASSERT_TRUE(eventually([&] { return server_.listeners() == 1; }));
  EXPECT_EQ(connector_->health().reconnects, 3U);
  // And in the middle of filling a gap.
  server_.rest.answer_next({429, {{"Retry-After", "1"}}, "{}", {}});
  server_.rest.answer_next({502, {}, "<html>", {}});
  server_.publish("42");
  ASSERT_TRUE(eventually([&] { return has(42) && has(41); }));
  stop();
}

TEST_F(LiveServerTest, signs_in_through_the_browser) {
  server_.rest.answer_next({200, {}, R"({"client_id":"cid","client_secret":"shh"})", {}});
  server_.rest.answer_next({404, {}, "{}", {}});  // no description of its OAuth
  std::stop_source stop;
  std::jthread browser;
  const auto signed_in = sign_in_here(
      sign_in_door(), {{transport_, budget_, clock_, server_.url()}, {}, false, "", "", {}},
      [&](const std::string& url) {
        server_.rest.answer_next({200, {}, R"({"access_token":"tok","scope":"read"})", {}});
        server_.rest.answer_next({200, {}, R"({"id":"7","username":"ada","display_name":"Ada"})", {}});
        const auto query = net::parse_query(net::parse_url(url)->query);
        std::map<std::string, std::string> given(query.begin(), query.end());
        browser = std::jthread([this, given] {
          net::HttpRequest back;
          back.url =
              net::with_query(given.at("redirect_uri"), {{"code", "c0de"}, {"state", given.at("state")}});
          static_cast<void>(transport_.send(back, {}));
        });
      },
      std::chrono::seconds(20), stop.get_token());
  ASSERT_TRUE(signed_in.ok()) << signed_in.error().message;
  EXPECT_EQ(signed_in->credentials.token, "tok");
  EXPECT_EQ(signed_in->username, "ada");
  EXPECT_EQ(signed_in->credentials.client_secret, "shh");
}

TEST_F(LiveServerTest, a_sign_in_that_the_user_refuses_says_so) {
  server_.rest.answer_next({200, {}, R"({"client_id":"cid","client_secret":"shh"})", {}});
  server_.rest.answer_next({404, {}, "{}", {}});
  std::stop_source stop;
  std::jthread browser;
  const auto refused = sign_in_here(
      sign_in_door(), {{transport_, budget_, clock_, server_.url()}, {}, false, "", "", {}},
      [&](const std::string& url) {
        const auto query = net::parse_query(net::parse_url(url)->query);
        std::map<std::string, std::string> given(query.begin(), query.end());
        browser = std::jthread([this, given] {
          net::HttpRequest back;
          back.url = net::with_query(given.at("redirect_uri"), {{"error", "access_denied"},
                                                                {"error_description", "The owner said no"},
                                                                {"state", given.at("state")}});
          static_cast<void>(transport_.send(back, {}));
        });
      },
      std::chrono::seconds(20), stop.get_token());
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().kind, ErrorKind::denied);
  EXPECT_THAT(refused.error().safe, HasSubstr("The owner said no"));
}

}  // namespace
}  // namespace linnet::connect::mastodon
