// The reader of server-sent events against servers that misbehave.
#include "net/event_source.hpp"

#include <gtest/gtest.h>

#include "net/scripted_server.hpp"

namespace linnet::net {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::string_view kOpening =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n\r\n";

EventStreamRequest request_of(std::string url) {
  EventStreamRequest request;
  request.http.url = std::move(url);
  request.idle_timeout = seconds{5};
  return request;
}

TEST(EventSource, HandsOutEventsUntilTheServerEnds) {
  std::string head;
  ScriptedServer server([&](RawPeer& peer) {
    head = peer.read_until("\r\n\r\n");
    peer.send(std::string(kOpening) + ":)\n\nevent: upd");
    peer.send("ate\nid: 7\ndata: {}\n\ndata: half");
  });
  auto request = request_of(server.url("/api/v1/streaming/public"));
  request.last_event_id = "6";
  int opened = 0;
  request.on_open = [&] { ++opened; };
  std::vector<ServerEvent> events;
  CurlEventSource source;
  const auto status = source.stream(request,
                                    [&](const ServerEvent& event) -> Status {
                                      events.push_back(event);
                                      return {};
                                    },
                                    {});
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().kind, ErrorKind::unavailable);
  ASSERT_EQ(events.size(), 1U) << "an event that was not finished is dropped";
  EXPECT_EQ(events[0].type, "update");
  EXPECT_EQ(events[0].last_event_id, "7");
  EXPECT_EQ(opened, 1);
  EXPECT_NE(head.find("Accept: text/event-stream"), std::string::npos);
  EXPECT_NE(head.find("Last-Event-ID: 6"), std::string::npos);
}

TEST(EventSource, NoticesAServerThatFellSilent) {
  ScriptedServer server([](RawPeer& peer) {
    peer.read_until("\r\n\r\n");
    peer.send(std::string(kOpening) + "data: half a li");
    peer.is_closed_within(seconds{5});
  });
  auto request = request_of(server.url());
  request.idle_timeout = milliseconds{300};
  CurlEventSource source;
  const auto begin = std::chrono::steady_clock::now();
  const auto status = source.stream(request, [](const ServerEvent&) -> Status { return {}; }, {});
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().kind, ErrorKind::unavailable);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, seconds{2});
}

TEST(EventSource, StaysWhileHeartbeatsCome) {
  ScriptedServer server([](RawPeer& peer) {
    peer.read_until("\r\n\r\n");
    peer.send(kOpening);
    for (int i = 0; i < 6; ++i) {
      if (!peer.send(":thump\n") || peer.is_closed_within(milliseconds{150})) return;
    }
    peer.send("data: late\n\n");
  });
  auto request = request_of(server.url());
  request.idle_timeout = milliseconds{600};
  std::string seen;
  CurlEventSource source;
  (void)source.stream(request,
                      [&](const ServerEvent& event) -> Status {
                        seen = event.data;
                        return {};
                      },
                      {});
  EXPECT_EQ(seen, "late");
}

TEST(EventSource, SaysWhatTheStatusMeans) {
  const std::pair<const char*, ErrorKind> answers[] = {{"401 Unauthorized", ErrorKind::denied},
                                                       {"404 Not Found", ErrorKind::not_found},
                                                       {"429 Too Many Requests", ErrorKind::rate_limited},
                                                       {"204 No Content", ErrorKind::unavailable},
                                                       {"503 Service Unavailable", ErrorKind::unavailable}};
  for (const auto& [answer, kind] : answers) {
    ScriptedServer server([answer = answer](RawPeer& peer) {
      peer.read_until("\r\n\r\n");
      peer.send(http_answer(answer, "", ""));
    });
    CurlEventSource source;
    const auto status =
        source.stream(request_of(server.url()), [](const ServerEvent&) -> Status { return {}; }, {});
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.error().kind, kind) << answer;
  }
}

TEST(EventSource, IsNotFooledByAWebPage) {
  ScriptedServer server([](RawPeer& peer) {
    peer.read_until("\r\n\r\n");
    peer.send(http_answer("200 OK", "Content-Type: text/html\r\n", "data: x\n\n"));
  });
  CurlEventSource source;
  const auto status = source.stream(request_of(server.url()),
                                    [](const ServerEvent&) -> Status {
                                      ADD_FAILURE() << "no event was sent";
                                      return {};
                                    },
                                    {});
  ASSERT_FALSE(status.ok());
  EXPECT_NE(status.error().message.find("event stream"), std::string::npos);
}

TEST(EventSource, FollowsRedirectsOnTheSameServerOnly) {
  ScriptedServer server([](RawPeer& peer) {
    while (true) {
      const auto head = peer.read_until("\r\n\r\n");
      if (head.empty()) return;
      if (head.find(" /away") != std::string::npos) {
        peer.send(http_answer("302 Found", "Location: http://evil.example/\r\n", ""));
      } else if (head.find(" /moved") != std::string::npos) {
        peer.send(http_answer("302 Found", "Location: /stream\r\n", "data: not this\n\n"));
      } else {
        peer.send(std::string(kOpening) + "data: this\n\n");
        return;
      }
    }
  });
  std::string seen;
  const auto keep = [&](const ServerEvent& event) -> Status {
    seen += event.data;
    return {};
  };
  CurlEventSource source;
  EXPECT_EQ(source.stream(request_of(server.url("/moved")), keep, {}).error().kind, ErrorKind::unavailable);
  EXPECT_EQ(seen, "this");
  EXPECT_EQ(source.stream(request_of(server.url("/away")), keep, {}).error().kind, ErrorKind::invalid);
}

TEST(EventSource, StopsAtOnceAndHandsOnErrors) {
  ScriptedServer server([](RawPeer& peer) {
    peer.read_until("\r\n\r\n");
    peer.send(std::string(kOpening) + "data: 1\n\n");
    peer.is_closed_within(seconds{5});
  });
  CurlEventSource source;
  std::stop_source stop;
  const auto begin = std::chrono::steady_clock::now();
  const auto stopped = source.stream(
      request_of(server.url()),
      [&](const ServerEvent&) -> Status {
        stop.request_stop();
        return {};
      },
      stop.get_token());
  EXPECT_EQ(stopped.error().kind, ErrorKind::cancelled);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, seconds{2});
  const auto failed = source.stream(request_of(server.url()),
                                    [](const ServerEvent&) -> Status { return invalid("not this"); }, {});
  EXPECT_EQ(failed.error().message, "not this");
}

TEST(EventSource, BoundsAnEventWithoutEnd) {
  ScriptedServer server([](RawPeer& peer) {
    peer.read_until("\r\n\r\n");
    peer.send(std::string(kOpening) + "data: ");
    while (peer.send(std::string(4096, 'x'))) continue;
  });
  auto request = request_of(server.url());
  request.max_event_bytes = 100'000;
  CurlEventSource source;
  EXPECT_EQ(source.stream(request, [](const ServerEvent&) -> Status { return {}; }, {}).error().kind,
            ErrorKind::invalid);
}

}  // namespace
}  // namespace linnet::net
