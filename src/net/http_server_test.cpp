// The HTTP server over real sockets: what it must answer, and what it must refuse.
#include "net/http_server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/http_server_fixture.hpp"

namespace linnet::net {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

TEST(HttpServer, AnswersInlineAndFromWorkers) {
  HttpServerOptions options;
  options.static_headers = {{"X-Content-Type-Options", "nosniff"}};
  const auto server = serve(options);
  auto peer = RawPeer::connect(server->port());
  peer.send(get("/fast"));
  const auto fast = peer.read_answer();
  EXPECT_THAT(fast, StartsWith("HTTP/1.1 200 OK\r\nDate: "));
  EXPECT_THAT(fast, HasSubstr("\r\nContent-Type: application/json\r\nContent-Length: 13\r\n"));
  EXPECT_THAT(fast, HasSubstr("\r\nX-Content-Type-Options: nosniff\r\n"));
  EXPECT_THAT(fast, Not(HasSubstr("Connection:")));
  EXPECT_THAT(fast, testing::EndsWith("\r\n\r\n{\"fast\":true}"));
  peer.send("POST /x%20y?q=1 HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\nbody");
  EXPECT_THAT(peer.read_answer(), testing::EndsWith("\r\n\r\n/x%20y body")) << "on the same connection";
  EXPECT_EQ(server->stats().requests, 2U);
  EXPECT_EQ(server->stats().connections, 1U);
}

TEST(HttpServer, AnswersPipelinedRequestsInOrder) {
  const auto server = serve();
  auto peer = RawPeer::connect(server->port());
  std::string requests;
  for (int i = 0; i < 50; ++i) requests += get(i % 2 == 0 ? "/fast" : "/slow" + std::to_string(i));
  peer.send(requests);
  for (int i = 0; i < 50; ++i) {
    EXPECT_THAT(peer.read_answer(),
                HasSubstr(i % 2 == 0 ? "{\"fast\":true}" : "/slow" + std::to_string(i) + " "));
  }
}

TEST(HttpServer, TakesARequestByteByByte) {
  const auto server = serve();
  auto peer = RawPeer::connect(server->port());
  const std::string request =
      "POST /slow HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: "
      "chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n";
  for (const char c : request) {
    ASSERT_TRUE(peer.send({&c, 1}));
    std::this_thread::sleep_for(milliseconds{1});
  }
  EXPECT_THAT(peer.read_answer(), testing::EndsWith("/slow abcde"));
}

TEST(HttpServer, HeadHasTheLengthAndNoBody) {
  const auto server = serve();
  auto peer = RawPeer::connect(server->port());
  peer.send("HEAD /fast HTTP/1.1\r\nHost: localhost\r\n\r\n" + get("/none") + get("/fast"));
  EXPECT_THAT(peer.read_answer(false), HasSubstr("Content-Length: 13\r\n"));
  const auto none = peer.read_answer();
  EXPECT_THAT(none, StartsWith("HTTP/1.1 204 No Content\r\n"));
  EXPECT_THAT(none, Not(HasSubstr("Content-Length")));
  EXPECT_THAT(peer.read_answer(), testing::EndsWith("{\"fast\":true}"));
}

TEST(HttpServer, ClosesWhenAsked) {
  const auto server = serve();
  auto peer = RawPeer::connect(server->port());
  peer.send(get("/fast", "Connection: close\r\n"));
  EXPECT_THAT(peer.read_all(), HasSubstr("Connection: close\r\n"));
  auto old = RawPeer::connect(server->port());
  old.send("GET /fast HTTP/1.0\r\n\r\n");
  EXPECT_THAT(old.read_all(), testing::EndsWith("{\"fast\":true}"));
  auto kept = RawPeer::connect(server->port());
  for (int i = 0; i < 2; ++i) {
    kept.send("GET /fast HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_THAT(kept.read_answer(), HasSubstr("Connection: keep-alive\r\n"));
  }
}

TEST(HttpServer, SendsALargeAnswerToASlowReader) {
  const auto server = serve();
  auto peer = RawPeer::connect(server->port());
  peer.send(get("/big"));
  std::this_thread::sleep_for(milliseconds{100});
  EXPECT_EQ(peer.read_answer().size() - (4U << 20), ask(*server, get("/big")).find("\r\n\r\n") + 4);
}

// Each could be read in two ways by two servers in a row (RFC 9112, 11.2).
TEST(HttpServer, RefusesAmbiguousRequests) {
  const auto server = serve();
  const std::string post = "POST /slow HTTP/1.1\r\nHost: localhost\r\n";
  for (const std::string& request :
       {post + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        post + "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n",
        post + "Content-Length: 4\r\nContent-Length: 5\r\n\r\nbody!",
        post + "Content-Length: 4, 5\r\n\r\nbody!", post + "Content-Length: +4\r\n\r\nbody",
        post + "Content-Length: -1\r\n\r\n", post + "Content-Length: 99999999999999999999\r\n\r\n",
        post + "Content-Length : 4\r\n\r\nbody", post + "Transfer-Encoding: chunked\r\n\r\nzz\r\n\r\n",
        post + "Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n", post + "X: a\nY: b\r\n\r\n",
        post + "X\x01: a\r\n\r\n", post + "X: a\x01\r\n\r\n",
        std::string("GET  /fast HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        std::string("GET /fa st HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        std::string("GET /fast\r\nHost: localhost\r\n\r\n"), std::string("nonsense\r\n\r\n"),
        std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xFC\x03\x03", 11) + "\r\n\r\n"}) {
    auto peer = RawPeer::connect(server->port());
    peer.send(request);
    const auto answer = peer.read_all();
    EXPECT_THAT(answer, testing::AnyOf(StartsWith("HTTP/1.1 400 "), StartsWith("HTTP/1.1 505 "))) << request;
    EXPECT_EQ(answer.find("HTTP/1.1", 1), std::string::npos) << "the connection ends: " << request;
  }
}

TEST(HttpServer, ChecksTheHostAndTheTarget) {
  const auto server = serve();
  EXPECT_THAT(ask(*server, "GET /fast HTTP/1.1\r\nHost: evil.example\r\n\r\n"), StartsWith("HTTP/1.1 421 "));
  EXPECT_THAT(ask(*server, "GET /fast HTTP/1.1\r\n\r\n"), StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(ask(*server, "GET /fast HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n"),
              StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(ask(*server, "GET http://evil.example/fast HTTP/1.1\r\nHost: localhost\r\n\r\n"),
              StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(
      ask(*server, "GET /fast HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(server->port()) + "\r\n\r\n"),
      StartsWith("HTTP/1.1 200 "));
  HttpServerOptions options;
  options.allowed_hosts = {"linnet.example"};
  const auto named = serve(options);
  EXPECT_THAT(ask(*named, "GET /fast HTTP/1.1\r\nHost: linnet.example\r\n\r\n"), StartsWith("HTTP/1.1 200 "));
}

TEST(HttpServer, RefusesChangesFromOtherSites) {
  const auto server = serve();
  const auto post = [&](const char* origin) {
    return ask(*server, "POST /slow HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n" +
                            std::string(origin) + "\r\n");
  };
  EXPECT_THAT(post("Origin: http://evil.example\r\n"), StartsWith("HTTP/1.1 403 "));
  EXPECT_THAT(post("Origin: null\r\n"), StartsWith("HTTP/1.1 403 "));
  EXPECT_THAT(post("Origin: http://localhost\r\n"), StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(post(""), StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(ask(*server, get("/fast", "Origin: http://evil.example\r\n")), StartsWith("HTTP/1.1 200 "));
}

TEST(HttpServer, KeepsAHandlersMistakesToItself) {
  const auto server = serve();
  const auto thrown = ask(*server, get("/throw"));
  EXPECT_THAT(thrown, StartsWith("HTTP/1.1 500 "));
  EXPECT_THAT(thrown, Not(HasSubstr("secret reason")));
  const auto injected = ask(*server, get("/inject"));
  EXPECT_THAT(injected, StartsWith("HTTP/1.1 500 "));
  EXPECT_THAT(injected, Not(HasSubstr("Set-Cookie")));
}

TEST(HttpServer, SaysWhyItCannotStart) {
  const auto server = serve();
  HttpServerOptions taken;
  taken.port = server->port();
  EXPECT_EQ(HttpServer::start(taken, echo()).error().kind, ErrorKind::unavailable);
  HttpServerOptions name;
  name.address = "localhost";
  EXPECT_EQ(HttpServer::start(name, echo()).error().kind, ErrorKind::invalid);
  HttpServerOptions header;
  header.static_headers = {{"X", "a\r\nb"}};
  EXPECT_EQ(HttpServer::start(header, echo()).error().kind, ErrorKind::invalid);
  EXPECT_EQ(HttpServer::start({}, {}).error().kind, ErrorKind::invalid);
}

}  // namespace
}  // namespace linnet::net
