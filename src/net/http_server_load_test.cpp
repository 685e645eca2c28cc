// A server under load, with slow clients, and while it stops.
#include "net/http_server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>

#include "net/curl_transport.hpp"
#include "net/http_server_fixture.hpp"

namespace linnet::net {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;
using testing::StartsWith;
using Clock = std::chrono::steady_clock;

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

}  // namespace
}  // namespace linnet::net
