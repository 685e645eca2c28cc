// What is taken in of a request: its head, its body, and how both are bounded.
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

TEST(HttpServer, AsksForTheBodyOnlyWhenItWantsIt) {
  HttpServerOptions options;
  options.max_body_bytes = 10;
  const auto server = serve(options);
  auto peer = RawPeer::connect(server->port());
  peer.send("PUT /slow HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
  EXPECT_EQ(peer.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  peer.send("body");
  EXPECT_THAT(peer.read_answer(), testing::EndsWith("/slow body"));
  peer.send("PUT /slow HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 11\r\n\r\n");
  EXPECT_THAT(peer.read_answer(), StartsWith("HTTP/1.1 413 Content Too Large\r\n"));
}

TEST(HttpServer, RefusesABodyThatIsTooLarge) {
  HttpServerOptions options;
  options.max_body_bytes = 1000;
  const auto server = serve(options);
  auto declared = RawPeer::connect(server->port());
  declared.send("POST /slow HTTP/1.1\r\nHost: localhost\r\nContent-Length: 500000\r\n\r\n" +
                std::string(500'000, 'x'));
  const auto answer = declared.read_all();
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 413 Content Too Large\r\n"))
      << "the answer survives what is still sent";
  EXPECT_THAT(answer, HasSubstr("Content-Type: application/problem+json\r\n"));
  EXPECT_THAT(answer, HasSubstr("\"status\":413"));
  auto chunked = RawPeer::connect(server->port());
  chunked.send("POST /slow HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (int i = 0; i < 20; ++i) chunked.send("64\r\n" + std::string(100, 'x') + "\r\n");
  EXPECT_THAT(chunked.read_all(), StartsWith("HTTP/1.1 413 "));
}

TEST(HttpServer, RefusesAHeadThatIsTooLarge) {
  HttpServerOptions options;
  options.max_header_bytes = 2000;
  const auto server = serve(options);
  EXPECT_THAT(ask(*server, get("/fast", "X: " + std::string(3000, 'x') + "\r\n")),
              StartsWith("HTTP/1.1 431 "));
  EXPECT_THAT(ask(*server, get("/" + std::string(3000, 'x'))), StartsWith("HTTP/1.1 431 "));
  EXPECT_THAT(ask(*server, get("/fast", "X: " + std::string(1000, 'x') + "\r\n")),
              StartsWith("HTTP/1.1 200 "));
}

// What admits bodies by their head, and what came of them.
struct Door {
  std::mutex mutex;
  std::vector<std::string> judged;
  std::string sunk;

  class Sink final : public BodySink {
   public:
    explicit Sink(Door& door) : door_(door) {}
    Status take(std::string_view piece) override {
      const std::scoped_lock lock(door_.mutex);
      door_.sunk += piece;
      if (door_.sunk.find("poison") != std::string::npos) return invalid("data: not that");
      return {};
    }

   private:
    Door& door_;
  };

  HttpHandlers handlers() {
    HttpHandlers handlers = echo();
    handlers.admit = [this](const Request& request) -> std::variant<Admission, Response> {
      const std::scoped_lock lock(mutex);
      judged.emplace_back(request.path());
      if (request.header("Authorization") != "good") return problem(401, "who are you");
      if (request.path() == "/file") return Admission{1U << 20, std::make_shared<Sink>(*this)};
      return Admission{100, nullptr};
    };
    return handlers;
  }
};

constexpr std::string_view kGood = "Host: localhost\r\nAuthorization: good\r\n";

TEST(HttpServer, JudgesTheHeadBeforeItTakesTheBody) {
  Door door;
  const auto server = serve({}, door.handlers());
  auto stranger = RawPeer::connect(server->port());
  stranger.send("POST /slow HTTP/1.1\r\nHost: localhost\r\nContent-Length: 90\r\n\r\n");
  EXPECT_THAT(stranger.read_all(), StartsWith("HTTP/1.1 401 ")) << "without a byte of the body";
  auto chunked = RawPeer::connect(server->port());
  chunked.send("POST /slow HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n");
  EXPECT_THAT(chunked.read_all(), StartsWith("HTTP/1.1 401 "));
  auto waiting = RawPeer::connect(server->port());
  waiting.send("POST /slow HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_THAT(waiting.read_all(), StartsWith("HTTP/1.1 401 ")) << "and is not asked for it";
  EXPECT_EQ(door.judged.size(), 3U);

  auto known = RawPeer::connect(server->port());
  known.send("POST /slow HTTP/1.1\r\n" + std::string(kGood) + "Content-Length: 4\r\n\r\nbody" + get("/slow"));
  EXPECT_THAT(known.read_answer(), testing::EndsWith("/slow body"));
  EXPECT_THAT(known.read_answer(), testing::EndsWith("/slow ")) << "the next, without a body, is not judged";
  EXPECT_EQ(door.judged.size(), 4U);
}

TEST(HttpServer, EachBodyHasTheLimitOfItsPlace) {
  Door door;
  const auto server = serve({}, door.handlers());
  const auto post = [&](std::string_view path, std::size_t size) {
    return ask(*server, "POST " + std::string(path) + " HTTP/1.1\r\n" + std::string(kGood) +
                            "Content-Length: " + std::to_string(size) + "\r\n\r\n" + std::string(size, 'x'));
  };
  EXPECT_THAT(post("/slow", 100), StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(post("/slow", 101), testing::AllOf(StartsWith("HTTP/1.1 413 "), HasSubstr("100 bytes")));
  EXPECT_THAT(post("/file", (1U << 20) + 1), StartsWith("HTTP/1.1 413 "));
  auto chunked = RawPeer::connect(server->port());
  chunked.send("POST /slow HTTP/1.1\r\n" + std::string(kGood) + "Transfer-Encoding: chunked\r\n\r\n");
  for (int i = 0; i < 3; ++i) chunked.send("32\r\n" + std::string(50, 'x') + "\r\n");
  EXPECT_THAT(chunked.read_all(), StartsWith("HTTP/1.1 413 "));
}

TEST(HttpServer, ALargeBodyGoesOnPieceByPiece) {
  Door door;
  const auto server = serve({}, door.handlers());
  std::string data;
  for (int i = 0; data.size() < 900'000; ++i) data += std::to_string(i) + " ";
  const auto post = [&](const std::string& body) {
    return ask(*server, "POST /file HTTP/1.1\r\n" + std::string(kGood) +
                            "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
  };
  EXPECT_THAT(post(data), testing::EndsWith("/file ")) << "nothing of it is in memory";
  EXPECT_EQ(door.sunk, data);
  EXPECT_THAT(post("poison" + data), testing::AllOf(StartsWith("HTTP/1.1 400 "), HasSubstr("not that")));
}

TEST(HttpServer, AllBodiesTogetherAreBounded) {
  HttpServerOptions options;
  options.max_bodies_bytes = 1U << 20;
  const auto server = serve(options);
  std::vector<RawPeer> many;
  int refused = 0;
  for (int i = 0; i < 8; ++i) {
    many.push_back(RawPeer::connect(server->port()));
    many.back().send("POST /slow HTTP/1.1\r\nHost: localhost\r\nContent-Length: 400000\r\n\r\n" +
                     std::string(399'999, 'x'));
  }
  for (auto& peer : many) refused += peer.is_closed_within(milliseconds{300}) ? 1 : 0;
  EXPECT_GE(refused, 5);
  EXPECT_LT(refused, 8);
  many.clear();
  const auto small = "POST /slow HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\nbody";
  EXPECT_THAT(ask(*server, small), testing::EndsWith("/slow body"));
  while (server->stats().connections > 1) std::this_thread::sleep_for(milliseconds{5});
  EXPECT_THAT(ask(*server, "POST /slow HTTP/1.1\r\nHost: localhost\r\nContent-Length: 400000\r\n\r\n" +
                               std::string(400'000, 'x')),
              StartsWith("HTTP/1.1 200 "))
      << "what is gone is not counted any more";
}

TEST(HttpServer, WhatStandsAroundChunksIsBounded) {
  HttpServerOptions options;
  options.max_header_bytes = 2000;
  const auto server = serve(options);
  const std::string head = "POST /slow HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n";
  const std::string line = "X: " + std::string(90, 'a') + "\r\n";
  std::string lines;
  for (int i = 0; i < 100; ++i) lines += line;
  for (const auto& rest :
       {"0\r\n" + lines, "0\r\nX: " + std::string(9000, 'a'), "4;x=" + std::string(9000, 'a'),
        "0;x=" + std::string(9000, 'a'), "0\r\n" + line + "Y: " + std::string(9000, 'a')}) {
    auto peer = RawPeer::connect(server->port());
    peer.send(head + rest);
    EXPECT_THAT(peer.read_all(), StartsWith("HTTP/1.1 431 ")) << rest.substr(0, 20);
  }
  EXPECT_THAT(ask(*server, head + "4;a=b\r\nbody\r\n0\r\n" + line + "\r\n"), testing::EndsWith("/slow body"));
}

TEST(HttpServer, ATrailerIsNoHeader) {
  HttpHandlers handlers;
  handlers.handle = [](const Request& request) {
    return text(std::string(request.header("Authorization").value_or("nobody")) + " " +
                std::string(request.remote()));
  };
  HttpServerOptions options;
  options.trusted_proxies = TrustedProxies::parse("127.0.0.1").value();
  const auto server = serve(options, handlers);
  auto peer = RawPeer::connect(server->port());
  peer.send(
      "POST / HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: 203.0.113.9\r\nTransfer-Encoding: "
      "chunked\r\n\r\n"
      "4\r\nbody\r\n0\r\nAuthorization: Bearer x\r\nX-Forwarded-For: 198.51.100.7\r\nConnection: "
      "close\r\n\r\n" +
      get("/"));
  EXPECT_THAT(peer.read_answer(), testing::EndsWith("\r\n\r\nnobody 203.0.113.9"));
  EXPECT_THAT(peer.read_answer(), testing::EndsWith("\r\n\r\nnobody 127.0.0.1")) << "nor of the next request";
}

TEST(HttpServer, RefusesUnclearTransferCodings) {
  const auto server = serve();
  for (const char* coding : {"chunked, identity", "identity", "gzip", "gzip, chunked", "xchunked",
                             "chunked\r\nTransfer-Encoding: chunked",
                             "\x0b"
                             "chunked",
                             "\"chunked\""}) {
    auto peer = RawPeer::connect(server->port());
    peer.send("POST /slow HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: " + std::string(coding) +
              "\r\n\r\n0\r\n\r\n" + get("/fast"));
    const auto answer = peer.read_all();
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 400 ")) << coding;
    EXPECT_EQ(answer.find("\r\n\r\nHTTP/1.1"), std::string::npos) << coding;
    EXPECT_THAT(answer, Not(HasSubstr("fast"))) << "what follows is no request: " << coding;
  }
}

}  // namespace
}  // namespace linnet::net
