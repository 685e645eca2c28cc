// WebSocket listeners, from connection to the last message.
#include "net/live_hub.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <condition_variable>
#include <iterator>
#include <mutex>

#include "net/http_server.hpp"
#include "net/network_guard.hpp"
#include "net/scripted_server.hpp"
#include "net/websocket_client.hpp"

namespace linnet::net {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::StartsWith;

std::shared_ptr<const std::string> message(std::string text) {
  return std::make_shared<const std::string>(std::move(text));
}

LiveHubOptions::Filter only(std::string wanted) {
  return [wanted = std::move(wanted)](std::string_view topic, std::string_view) { return topic == wanted; };
}

class LiveHubTest : public testing::Test {
 protected:
  void start(LiveHubOptions live = {}, HttpServerOptions options = {}) {
    allow_networks(parse_networks("127.0.0.0/8").value());
    hub_ = std::make_unique<LiveHub>(std::move(live));
    HttpHandlers handlers;
    handlers.handle = [](const Request&) { return problem(404, "no such page"); };
    handlers.live = {{"/live", hub_.get()}};
    auto server = HttpServer::start(std::move(options), std::move(handlers));
    ASSERT_TRUE(server.ok());
    server_ = std::move(server).value();
  }

  Result<WebSocketClient> connect(Headers headers = {}, WebSocketHandshake* answer = nullptr) {
    WebSocketRequest request;
    request.url = "ws://127.0.0.1:" + std::to_string(server_->port()) + "/live";
    request.headers = std::move(headers);
    return WebSocketClient::connect(request, {}, answer);
  }

  void wait_for_listeners(std::size_t count) {
    for (int i = 0; i < 500 && hub_->listeners() != count; ++i) std::this_thread::sleep_for(milliseconds{10});
    ASSERT_EQ(hub_->listeners(), count);
  }

  static std::string next(WebSocketClient& client) {
    const auto received = client.read(seconds{5}, {});
    if (!received) return "error: " + received.error().message;
    return received->has_value() ? (*received)->data : "nothing";
  }

  // What a raw client sends to open a WebSocket.
  static std::string upgrade(std::string_view more = "") {
    return "GET /live HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n" +
           std::string(more) + "\r\n";
  }

  std::string ask(std::string_view request) {
    auto peer = RawPeer::connect(server_->port());
    peer.send(request);
    return peer.read_until("\r\n\r\n");
  }

  std::unique_ptr<LiveHub> hub_;
  std::unique_ptr<HttpServer> server_;
};

TEST_F(LiveHubTest, EveryListenerGetsEveryMessageInOrder) {
  HttpServerOptions options;
  options.io_threads = 2;
  start({}, options);
  std::vector<WebSocketClient> clients;
  for (int i = 0; i < 10; ++i) {
    auto client = connect();
    ASSERT_TRUE(client.ok()) << client.error().message;
    clients.push_back(std::move(client).value());
  }
  wait_for_listeners(10);
  for (int i = 0; i < 100; ++i) hub_->broadcast("t", message(std::to_string(i)));
  for (auto& client : clients) {
    for (int i = 0; i < 100; ++i) ASSERT_EQ(next(client), std::to_string(i));
  }
  clients.clear();
  wait_for_listeners(0);
  hub_->broadcast("t", message("to nobody"));
}

TEST_F(LiveHubTest, AListenerChoosesWhatItGets) {
  LiveHubOptions live;
  live.on_connect = [](const Request&) { return LiveHubOptions::Guest{only("a"), ""}; };
  live.on_text = [](std::string_view text) -> Result<LiveHubOptions::Answer> {
    if (text == "nonsense") return invalid("expected a topic");
    return LiveHubOptions::Answer{only(std::string(text)), "now " + std::string(text)};
  };
  start(live);
  auto client = connect();
  ASSERT_TRUE(client.ok());
  wait_for_listeners(1);
  hub_->broadcast("b", message("1"));
  hub_->broadcast("a", message("2"));
  EXPECT_EQ(next(*client), "2");
  ASSERT_TRUE(client->send_text("b", {}).ok());
  EXPECT_EQ(next(*client), "now b");
  hub_->broadcast("a", message("3"));
  hub_->broadcast("b", message("4"));
  EXPECT_EQ(next(*client), "4");
  ASSERT_TRUE(client->send_text("nonsense", {}).ok());
  EXPECT_FALSE(client->read(seconds{5}, {}).ok());
  EXPECT_EQ(client->close_code(), 1008);
}

TEST_F(LiveHubTest, ChecksWhoMayListen) {
  LiveHubOptions live;
  live.max_listeners = 1;
  live.on_connect = [](const Request& request) -> std::variant<LiveHubOptions::Guest, Response> {
    if (request.header("Authorization") == "Bearer good") return LiveHubOptions::Guest{};
    return problem(401, "a token is needed");
  };
  start(live);
  WebSocketHandshake answer;
  EXPECT_EQ(connect({}, &answer).error().kind, ErrorKind::denied);
  EXPECT_EQ(answer.status, 401);
  EXPECT_EQ(answer.headers.find("Content-Type"), "application/problem+json");
  EXPECT_THAT(ask("GET /live HTTP/1.1\r\nHost: localhost\r\n\r\n"), StartsWith("HTTP/1.1 401 "))
      << "a stranger is not told what is here";
  auto good = connect({{"Authorization", "Bearer good"}});
  ASSERT_TRUE(good.ok());
  EXPECT_EQ(connect({{"Authorization", "Bearer good"}}, &answer).error().kind, ErrorKind::unavailable);
  EXPECT_EQ(answer.status, 503);
}

TEST_F(LiveHubTest, EndsThoseWhoCameInByAPass) {
  LiveHubOptions live;
  live.on_connect = [](const Request& request) {
    return LiveHubOptions::Guest{{}, std::string(request.header("Authorization").value_or(""))};
  };
  HttpServerOptions options;
  options.io_threads = 2;
  start(live, options);
  auto first = connect({{"Authorization", "one"}});
  auto second = connect({{"Authorization", "one"}});
  auto third = connect({{"Authorization", "other"}});
  auto nobody = connect();
  ASSERT_TRUE(first.ok() && second.ok() && third.ok() && nobody.ok());
  wait_for_listeners(4);
  EXPECT_THAT(hub_->passes(), testing::ElementsAre("one", "other"));
  hub_->end("one", "the token was revoked");
  for (auto* ended : {&first, &second}) {
    EXPECT_FALSE((*ended)->read(seconds{5}, {}).ok());
    EXPECT_EQ((*ended)->close_code(), 1008);
  }
  wait_for_listeners(2);
  EXPECT_THAT(hub_->passes(), testing::ElementsAre("other"));
  hub_->broadcast("t", message("on"));
  EXPECT_EQ(next(*third), "on");
  EXPECT_EQ(next(*nobody), "on");
}

TEST_F(LiveHubTest, RefusesOtherSitesAndPlainRequests) {
  start();
  EXPECT_THAT(ask(upgrade("Origin: http://evil.example\r\n")), StartsWith("HTTP/1.1 403 "));
  EXPECT_THAT(ask(upgrade("Origin: http://localhost\r\n")), StartsWith("HTTP/1.1 101 "));
  EXPECT_THAT(ask("GET /live HTTP/1.1\r\nHost: localhost\r\n\r\n"), StartsWith("HTTP/1.1 426 "));
  const auto posted = ask("POST /live HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n");
  EXPECT_THAT(posted, StartsWith("HTTP/1.1 405 "));
  EXPECT_THAT(posted, testing::HasSubstr("Allow: GET, HEAD\r\n"));
  EXPECT_THAT(
      ask("GET /elsewhere HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"),
      StartsWith("HTTP/1.1 404 "));
}

TEST_F(LiveHubTest, ASlowListenerLosesTheOldestAndIsTold) {
  LiveHubOptions live;
  live.max_queued = 10;
  start(live);
  auto peer = RawPeer::connect(server_->port());  // reads nothing
  peer.send(upgrade());
  ASSERT_THAT(peer.read_until("\r\n\r\n"), StartsWith("HTTP/1.1 101 "));
  wait_for_listeners(1);
  const std::string filling(100'000, 'x');
  const auto begin = std::chrono::steady_clock::now();
  int sent = 0;
  while (hub_->dropped() < 50 && sent < 5000) {
    hub_->broadcast("t", message(std::to_string(++sent) + " " + filling));
    std::this_thread::sleep_for(milliseconds{1});
  }
  ASSERT_LT(std::chrono::steady_clock::now() - begin, seconds{20});
  hub_->broadcast("t", message("the last one"));
  std::string received;
  while (received.find("the last one") == std::string::npos) {
    const auto bytes = peer.read_some();
    ASSERT_FALSE(bytes.empty()) << "the last message never came";
    std::copy_if(bytes.begin(), bytes.end(), std::back_inserter(received), [](char c) { return c != 'x'; });
  }
  const auto notice = received.find(R"({"type":"dropped","count":)");
  ASSERT_NE(notice, std::string::npos);
  EXPECT_GE(std::stoi(received.substr(notice + 26)), 50);
  const auto after = received.rfind(std::to_string(sent) + " ");
  EXPECT_NE(after, std::string::npos) << "the newest are kept";
  EXPECT_LT(notice, after);
}

TEST_F(LiveHubTest, ASilentListenerIsDropped) {
  LiveHubOptions live;
  live.ping_every = milliseconds{200};
  start(live);
  auto silent = RawPeer::connect(server_->port());
  silent.send(upgrade());
  auto awake = connect();
  ASSERT_TRUE(awake.ok());
  wait_for_listeners(2);
  EXPECT_FALSE((*awake).read(milliseconds{1500}, {})->has_value()) << "it answers pings while it reads";
  wait_for_listeners(1);
}

// The farewell would wait behind what it does not take.
TEST_F(LiveHubTest, WhoeverHasStoppedReadingIsPutOutAllTheSame) {
  LiveHubOptions live;
  live.on_connect = [](const Request&) { return LiveHubOptions::Guest{{}, "pass"}; };
  start(live);
  auto deaf = RawPeer::connect(server_->port());
  deaf.send(upgrade());
  wait_for_listeners(1);
  const std::string filling(1U << 20, 'x');
  for (int i = 0; i < 20; ++i) hub_->broadcast("t", message(filling));
  std::this_thread::sleep_for(milliseconds{100});
  hub_->end("pass", "the token was revoked");
  wait_for_listeners(0);  // within five seconds, where the ping would take thirty
}

TEST_F(LiveHubTest, LookingAtWhoComesHoldsNobodyUp) {
  std::mutex mutex;
  std::condition_variable changed;
  bool is_open = false;
  LiveHubOptions live;
  live.on_connect = [&](const Request&) {
    std::unique_lock lock(mutex);
    changed.wait_for(lock, seconds{5}, [&] { return is_open; });
    return LiveHubOptions::Guest{};
  };
  start(live);
  auto waiting = RawPeer::connect(server_->port());
  waiting.send(upgrade());
  EXPECT_THAT(ask("GET /elsewhere HTTP/1.1\r\nHost: localhost\r\n\r\n"), StartsWith("HTTP/1.1 404 "));
  {
    const std::scoped_lock lock(mutex);
    EXPECT_FALSE(is_open) << "it was answered in between";
    is_open = true;
  }
  changed.notify_all();
  EXPECT_THAT(waiting.read_until("\r\n\r\n"), StartsWith("HTTP/1.1 101 "));
}

TEST_F(LiveHubTest, ListenersLeaveRoomForOthers) {
  HttpServerOptions options;
  options.max_connections = 4;
  start({}, options);
  auto first = connect();
  auto second = connect();
  ASSERT_TRUE(first.ok() && second.ok());
  WebSocketHandshake answer;
  EXPECT_FALSE(connect({}, &answer).ok());
  EXPECT_EQ(answer.status, 503);
  EXPECT_THAT(ask("GET /elsewhere HTTP/1.1\r\nHost: localhost\r\n\r\n"), StartsWith("HTTP/1.1 404 "));
}

TEST_F(LiveHubTest, StoppingSaysGoodbye) {
  start();
  auto client = connect();
  ASSERT_TRUE(client.ok());
  wait_for_listeners(1);
  std::thread stopping([&] { server_->stop(); });
  EXPECT_FALSE(client->read(seconds{5}, {}).ok());
  EXPECT_EQ(client->close_code(), 1001);
  stopping.join();
  EXPECT_EQ(hub_->listeners(), 0U);
  hub_->broadcast("t", message("to nobody"));
}

TEST_F(LiveHubTest, TheHubMayEndFirst) {
  start();
  auto client = connect();
  ASSERT_TRUE(client.ok());
  wait_for_listeners(1);
  hub_.reset();
  client->close();
  server_.reset();
}

TEST_F(LiveHubTest, BroadcastFromManyThreadsWhileListenersComeAndGo) {
  HttpServerOptions options;
  options.io_threads = 2;
  LiveHubOptions live;
  live.max_queued = 100'000;
  start(live, options);
  std::atomic<bool> is_done{false};
  std::vector<std::thread> senders;
  for (int i = 0; i < 2; ++i) {
    senders.emplace_back([&] {
      while (!is_done) {
        hub_->broadcast("t", message("x"));
        std::this_thread::sleep_for(std::chrono::microseconds{200});
      }
    });
  }
  for (int i = 0; i < 30; ++i) {
    auto client = connect();
    ASSERT_TRUE(client.ok());
    for (int j = 0; j < 5; ++j) EXPECT_EQ(next(*client), "x");
    if (i % 2 == 0) client->close();
  }
  server_->stop();
  is_done = true;
  for (auto& sender : senders) sender.join();
}

}  // namespace
}  // namespace linnet::net
