// The HTTP server over real sockets: what it must answer, and what it must refuse.
#include "net/http_server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>

#include "net/curl_transport.hpp"
#include "net/scripted_server.hpp"

namespace linnet::net {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;
using Clock = std::chrono::steady_clock;

Response text(std::string body) {
  Response response;
  response.content_type = "text/plain";
  response.body = std::move(body);
  return response;
}

HttpHandlers echo() {
  HttpHandlers handlers;
  handlers.fast = [](const Request& request) -> std::optional<Response> {
    if (request.path() != "/fast") return std::nullopt;
    Response response;
    response.body = std::make_shared<const std::string>("{\"fast\":true}");
    return response;
  };
  handlers.handle = [](const Request& request) {
    if (request.path() == "/throw") throw std::runtime_error("secret reason");
    if (request.path() == "/inject") {
      Response response = text("x");
      response.headers.add("Location", "/a\r\nSet-Cookie: b");
      return response;
    }
    if (request.path() == "/none") {
      Response response = text("never sent");
      response.status = 204;
      return response;
    }
    if (request.path() == "/big") return text(std::string(4U << 20, 'b'));
    return text(std::string(request.path()) + " " + std::string(request.body()));
  };
  return handlers;
}

std::unique_ptr<HttpServer> serve(HttpServerOptions options = {}, HttpHandlers handlers = echo()) {
  auto server = HttpServer::start(std::move(options), std::move(handlers));
  EXPECT_TRUE(server.ok()) << (server.ok() ? "" : server.error().message);
  return std::move(server).value();
}

std::string get(std::string_view path, std::string_view more = "") {
  return "GET " + std::string(path) + " HTTP/1.1\r\nHost: localhost\r\n" + std::string(more) + "\r\n";
}

std::string ask(const HttpServer& server, std::string_view request) {
  auto peer = RawPeer::connect(server.port());
  peer.send(request);
  return peer.read_answer();
}

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

TEST(HttpServer, EndsSlowClients) {
  HttpServerOptions options;
  options.header_timeout = milliseconds{300};
  options.body_timeout = milliseconds{300};
  options.idle_timeout = milliseconds{300};
  const auto server = serve(options);
  auto slow_head = RawPeer::connect(server->port());
  auto slow_body = RawPeer::connect(server->port());
  auto idle = RawPeer::connect(server->port());
  slow_head.send("GET /fast HTTP/1.1\r\n");
  slow_body.send("POST /slow HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n");
  const auto begin = Clock::now();
  bool is_open = true;
  while (is_open && Clock::now() - begin < seconds{4}) {  // a byte now and then does not help
    is_open = slow_head.send("X") && slow_body.send("x");
    std::this_thread::sleep_for(milliseconds{50});
  }
  EXPECT_LT(Clock::now() - begin, seconds{3});
  EXPECT_TRUE(idle.is_closed_within(seconds{2}));
  auto half = RawPeer::connect(server->port());
  half.send("GET /fast HTT");
  EXPECT_THAT(half.read_all(), StartsWith("HTTP/1.1 408 "));
}

// A handler that waits until the test lets it go.
class Gate {
 public:
  void wait() {
    std::unique_lock lock(mutex_);
    ++waiting_;
    changed_.notify_all();
    changed_.wait(lock, [&] { return is_open_; });
  }
  void wait_for(int count) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, seconds{5}, [&] { return waiting_ >= count; });
  }
  void open() {
    const std::scoped_lock lock(mutex_);
    is_open_ = true;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int waiting_ = 0;
  bool is_open_ = false;
};

// Two that are being worked for, where there is room for two.
class FullServer {
 public:
  explicit FullServer(std::size_t reserved = 1) {
    HttpHandlers handlers;
    handlers.handle = [this](const Request& request) {
      if (request.path() != "/urgent") gate_.wait();
      return text("done");
    };
    handlers.lane = [](const Request& request) {
      return request.path() == "/urgent" ? Lane::urgent : Lane::usual;
    };
    HttpServerOptions options;
    options.max_connections = 2;
    options.reserved_connections = reserved;
    server_ = serve(options, handlers);
    for (int i = 0; i < 2; ++i) {
      busy_.push_back(RawPeer::connect(server_->port()));
      busy_.back().send(get("/"));
      gate_.wait_for(i + 1);
    }
  }
  ~FullServer() { gate_.open(); }
  [[nodiscard]] const HttpServer& server() const { return *server_; }
  void end() {
    gate_.open();
    for (auto& peer : busy_) EXPECT_THAT(peer.read_answer(), testing::EndsWith("done"));
  }

 private:
  Gate gate_;
  std::unique_ptr<HttpServer> server_;
  std::vector<RawPeer> busy_;
};

TEST(HttpServer, RefusesTooManyConnections) {
  FullServer full;
  EXPECT_THAT(ask(full.server(), get("/fast")), StartsWith("HTTP/1.1 503 "));
  EXPECT_EQ(full.server().stats().connections_refused, 1U);
  full.end();
  EXPECT_THAT(ask(full.server(), get("/fast")), StartsWith("HTTP/1.1 200 "))
      << "those who ask nothing any more make room";
}

TEST(HttpServer, KeepsAConnectionAndAWorkerForWhatIsUrgent) {
  FullServer full;
  for (int i = 0; i < 20; ++i) {
    EXPECT_THAT(ask(full.server(), get("/urgent")),
                testing::AllOf(StartsWith("HTTP/1.1 200 "), HasSubstr("Connection: close")));
  }
  // Somebody who holds the reserve and asks nothing gives way as well.
  auto silent = RawPeer::connect(full.server().port());
  auto slow = RawPeer::connect(full.server().port());
  slow.send("POST /urg");
  EXPECT_THAT(ask(full.server(), get("/urgent")), StartsWith("HTTP/1.1 200 "));
  full.end();
}

TEST(HttpServer, WhoeverAsksNothingMakesRoom) {
  HttpServerOptions options;
  options.max_connections = 3;
  const auto server = serve(options);
  std::vector<RawPeer> strangers;
  for (int i = 0; i < 10; ++i) {
    strangers.push_back(RawPeer::connect(server->port()));
    if (i % 2 == 1) strangers.back().send("GET /fa");
  }
  EXPECT_TRUE(strangers.front().is_closed_within(seconds{4})) << "the oldest goes";
  EXPECT_THAT(ask(*server, get("/fast")), StartsWith("HTTP/1.1 200 "));
  EXPECT_LE(server->stats().connections, 4U);
  EXPECT_EQ(server->stats().connections_refused, 0U);
}

// An answer that is not taken keeps a connection no better than a question that is not asked.
TEST(HttpServer, WhoeverTakesNoAnswerMakesRoomLast) {
  HttpServerOptions options;
  options.max_connections = 2;
  const auto server = serve(options);
  auto deaf = RawPeer::connect(server->port());
  deaf.send(get("/big"));
  EXPECT_THAT(deaf.read_until("\r\n"), StartsWith("HTTP/1.1 200 "))
      << "its answer is on the way, nobody works for it";
  auto idle = RawPeer::connect(server->port());
  idle.send(get("/fast"));
  EXPECT_THAT(idle.read_answer(), StartsWith("HTTP/1.1 200 "));
  auto third = RawPeer::connect(server->port());
  third.send(get("/big"));
  EXPECT_TRUE(idle.is_closed_within(seconds{4}));
  EXPECT_THAT(third.read_until("\r\n"), StartsWith("HTTP/1.1 200 "));
  auto fourth = RawPeer::connect(server->port());
  fourth.send(get("/fast"));
  EXPECT_THAT(fourth.read_answer(), StartsWith("HTTP/1.1 200 "));
}

TEST(HttpServer, HardWorkHasAWorkerOfItsOwn) {
  Gate gate;
  HttpHandlers handlers;
  handlers.handle = [&](const Request& request) {
    if (request.path() == "/hard") gate.wait();
    return text("done");
  };
  handlers.lane = [](const Request& request) { return request.path() == "/hard" ? Lane::slow : Lane::usual; };
  HttpServerOptions options;
  options.worker_threads = 1;
  options.max_pending_aside = 3;
  const auto server = serve(options, handlers);
  std::vector<RawPeer> many;
  for (int i = 0; i < 3; ++i) {
    many.push_back(RawPeer::connect(server->port()));
    many.back().send(get("/hard"));
  }
  gate.wait_for(1);
  EXPECT_THAT(ask(*server, get("/")), testing::EndsWith("done"));
  while (server->stats().requests < 4) std::this_thread::sleep_for(milliseconds{5});
  EXPECT_THAT(ask(*server, get("/hard")), StartsWith("HTTP/1.1 503 ")) << "what is too much is turned away";
  gate.open();
  for (auto& peer : many) EXPECT_THAT(peer.read_answer(), testing::EndsWith("done"));
}

TEST(HttpServer, SaysBusyWhenTheWorkersAreBehind) {
  Gate gate;
  HttpHandlers handlers;
  handlers.handle = [&](const Request&) {
    gate.wait();
    return text("done");
  };
  HttpServerOptions options;
  options.worker_threads = 1;
  options.max_pending_work = 1;
  const auto server = serve(options, handlers);
  auto first = RawPeer::connect(server->port());
  first.send(get("/"));
  gate.wait_for(1);
  const auto busy = ask(*server, get("/"));
  EXPECT_THAT(busy, StartsWith("HTTP/1.1 503 "));
  EXPECT_THAT(busy, HasSubstr("Retry-After: 1\r\n"));
  gate.open();
  EXPECT_THAT(first.read_answer(), testing::EndsWith("done"));
}

TEST(HttpServer, StoppingLetsRequestsEnd) {
  Gate gate;
  HttpHandlers handlers;
  handlers.handle = [&](const Request&) {
    gate.wait();
    return text("done");
  };
  const auto server = serve({}, handlers);
  auto busy = RawPeer::connect(server->port());
  auto idle = RawPeer::connect(server->port());
  busy.send(get("/"));
  gate.wait_for(1);
  std::thread stopping([&] { server->stop(); });
  EXPECT_TRUE(idle.is_closed_within(seconds{2}));
  gate.open();
  EXPECT_THAT(busy.read_all(), testing::AllOf(HasSubstr("Connection: close"), testing::EndsWith("done")));
  stopping.join();
  EXPECT_FALSE(RawPeer::connect(server->port()).is_connected());
  server->stop();
}

TEST(HttpServer, StoppingDoesNotWaitForTheSlow) {
  HttpServerOptions options;
  options.drain_timeout = milliseconds{200};
  const auto server = serve(options);
  auto half = RawPeer::connect(server->port());
  half.send("GET /fa");
  auto whole = RawPeer::connect(server->port());
  whole.send(get("/fast"));
  whole.read_answer();
  const auto begin = Clock::now();
  server->stop();
  EXPECT_LT(Clock::now() - begin, seconds{2});
}

TEST(HttpServer, ServesManyThreadsAtOnce) {
  HttpServerOptions options;
  options.io_threads = 3;
  const auto server = serve(options);
  CurlTransport transport;
  std::atomic<int> good{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 6; ++i) {
    threads.emplace_back([&, i] {
      for (int j = 0; j < 30; ++j) {
        HttpRequest request;
        request.method = "POST";
        request.url = server->url() + "/slow";
        request.body = std::to_string(i * 1000 + j);
        const auto response = transport.send(request, {});
        good += response.ok() && response->body == "/slow " + request.body ? 1 : 0;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(good, 180);
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
