// The HTTP client against servers that misbehave.
#include "net/curl_transport.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>

#include <filesystem>
#include <fstream>

#include "net/scripted_server.hpp"
#include "net/url.hpp"

namespace linnet::net {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Clock = std::chrono::steady_clock;

// Answers every request on a connection by what `answer` makes of it.
std::function<void(RawPeer&)> answering(std::function<std::string(const std::string&)> answer) {
  return [answer = std::move(answer)](RawPeer& peer) {
    while (true) {
      std::string request = peer.read_until("\r\n\r\n");
      if (request.empty()) return;
      const auto length = request.find("Content-Length: ");
      if (length != std::string::npos) request += peer.read_exactly(std::stoul(request.substr(length + 16)));
      if (!peer.send(answer(request))) return;
    }
  };
}

HttpRequest get(std::string url) {
  HttpRequest request;
  request.url = std::move(url);
  request.timeout = seconds{5};
  return request;
}

TEST(CurlTransport, GivesStatusHeadersAndBody) {
  ScriptedServer server(answering([](const std::string&) {
    return http_answer("404 Not Found", "X-A: 1\r\nx-a:  2 \r\nContent-Type: text/html\r\n", "<p>gone</p>");
  }));
  CurlTransport transport;
  const auto response = transport.send(get(server.url("/x?y=1")), {});
  ASSERT_TRUE(response.ok()) << response.error().message;
  EXPECT_EQ(response->status, 404);
  EXPECT_EQ(response->body, "<p>gone</p>");
  EXPECT_EQ(response->headers.joined("X-A"), "1, 2");
  EXPECT_EQ(response->headers.find("content-type"), "text/html");
  const auto status = check_status(*response, "the page");
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().kind, ErrorKind::not_found);
}

TEST(CurlTransport, SendsWhatItIsGiven) {
  std::string seen;
  ScriptedServer server(answering([&](const std::string& request) {
    seen = request;
    return http_answer("200 OK", "", "");
  }));
  HttpRequest request = get(server.url("/form"));
  request.method = "POST";
  request.headers = {{"Content-Type", "application/x-www-form-urlencoded"}, {"X-Empty", ""}};
  request.body = std::string("a=1\0b", 5);
  CurlTransport transport;
  ASSERT_TRUE(transport.send(request, {}).ok());
  EXPECT_EQ(seen.substr(0, 21), "POST /form HTTP/1.1\r\n");
  EXPECT_NE(seen.find("\r\nUser-Agent: Linnet/0.1\r\n"), std::string::npos);
  EXPECT_NE(seen.find("\r\nContent-Type: application/x-www-form-urlencoded\r\n"), std::string::npos);
  EXPECT_NE(seen.find("\r\nX-Empty:\r\n"), std::string::npos);
  EXPECT_EQ(seen.find("Expect:"), std::string::npos);
  EXPECT_EQ(seen.substr(seen.size() - 5), request.body);
}

TEST(CurlTransport, SendsAFileAsItReadsIt) {
  std::string seen;
  ScriptedServer server(answering([&](const std::string& request) {
    seen = request;
    return http_answer("200 OK", "", "");
  }));
  std::string path = testing::TempDir() + "linnet-body-XXXXXX";
  ::close(::mkstemp(path.data()));
  const std::string film(3'000'000, 'x');
  std::ofstream(path, std::ios::binary) << film;
  HttpRequest request = get(server.url("/media"));
  request.method = "POST";
  request.file = FileBody{"before\r\n", path, film.size(), "\r\nbehind"};
  CurlTransport transport;
  const auto sent = transport.send(request, {});
  ASSERT_TRUE(sent.ok()) << sent.error().message;
  EXPECT_NE(seen.find("\r\nContent-Length: 3000016\r\n"), std::string::npos);
  EXPECT_TRUE(seen.ends_with("\r\n\r\nbefore\r\n" + film + "\r\nbehind"));
  EXPECT_EQ(read_whole(*request.file).value(), "before\r\n" + film + "\r\nbehind");

  std::filesystem::resize_file(path, 1'000);
  EXPECT_EQ(transport.send(request, {}).error().kind, ErrorKind::unavailable) << "it has become shorter";
  std::filesystem::remove(path);
  const auto gone = transport.send(request, {});
  ASSERT_FALSE(gone.ok());
  EXPECT_TRUE(gone.error().never_sent);
}

TEST(CurlTransport, ReusesItsConnection) {
  ScriptedServer server(answering([](const std::string&) { return http_answer("200 OK", "", "x"); }));
  CurlTransport transport;
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(transport.send(get(server.url()), {}).ok());
  EXPECT_EQ(server.connections(), 1);
}

TEST(CurlTransport, MayBeUsedByManyThreads) {
  ScriptedServer server(answering([](const std::string&) { return http_answer("200 OK", "", "x"); }));
  CurlTransport transport;
  std::atomic<int> good{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 20; ++j) good += transport.send(get(server.url()), {}).ok() ? 1 : 0;
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(good, 80);
}

TEST(CurlTransport, FollowsRedirectsOnTheSameServer) {
  std::string last;
  ScriptedServer server(answering([&](const std::string& request) {
    last = request;
    if (request.find(" /new") != std::string::npos) return http_answer("200 OK", "", "here");
    return http_answer("302 Found", "Location: /new?a=1\r\n", "moved");
  }));
  HttpRequest request = get(server.url("/old"));
  request.method = "POST";
  request.body = "secret";
  CurlTransport transport;
  const auto response = transport.send(request, {});
  ASSERT_TRUE(response.ok()) << response.error().message;
  EXPECT_EQ(response->body, "here");
  EXPECT_EQ(response->url, server.url("/new?a=1"));
  EXPECT_EQ(last.substr(0, 8), "GET /new");
  EXPECT_EQ(last.find("secret"), std::string::npos);
}

TEST(CurlTransport, RefusesRedirectsToOtherServers) {
  std::atomic<int> reached{0};
  ScriptedServer other(answering([&](const std::string&) {
    ++reached;
    return http_answer("200 OK", "", "");
  }));
  for (const std::string& target :
       {other.url(), std::string("//evil.example/"), std::string("file:///etc/passwd")}) {
    ScriptedServer server(answering(
        [&](const std::string&) { return http_answer("307 Moved", "Location: " + target + "\r\n", ""); }));
    CurlTransport transport;
    const auto response = transport.send(get(server.url()), {});
    ASSERT_FALSE(response.ok());
    EXPECT_EQ(response.error().kind, ErrorKind::invalid);
    HttpRequest plain = get(server.url());
    plain.redirects = Redirects::refuse;
    const auto as_it_is = transport.send(plain, {});
    ASSERT_TRUE(as_it_is.ok());
    EXPECT_EQ(as_it_is->status, 307);
  }
  EXPECT_EQ(reached, 0);
}

TEST(CurlTransport, EndsARedirectLoop) {
  ScriptedServer server(
      answering([](const std::string&) { return http_answer("302 Found", "Location: /\r\n", ""); }));
  CurlTransport transport;
  EXPECT_EQ(transport.send(get(server.url()), {}).error().kind, ErrorKind::invalid);
}

TEST(CurlTransport, BoundsTheBody) {
  ScriptedServer declared([](RawPeer& peer) {
    peer.read_until("\r\n\r\n");
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 5000000\r\n\r\n" + std::string(5'000'000, 'x'));
  });
  ScriptedServer endless([](RawPeer& peer) {
    peer.read_until("\r\n\r\n");
    peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    while (peer.send("1000\r\n" + std::string(4096, 'x') + "\r\n")) continue;
  });
  CurlTransport transport;
  for (const auto& url : {declared.url(), endless.url()}) {
    HttpRequest request = get(url);
    request.max_body_bytes = 100'000;
    const auto response = transport.send(request, {});
    ASSERT_FALSE(response.ok());
    EXPECT_EQ(response.error().kind, ErrorKind::unavailable);
    EXPECT_NE(response.error().message.find("100000"), std::string::npos) << response.error().message;
  }
}

std::string gzip(std::string text) {
  z_stream stream{};
  deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  std::string packed(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(text.data());
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

TEST(CurlTransport, UnpacksGzipAndSurvivesABomb) {
  const std::string packed = gzip(std::string(64U << 20, '\0'));
  ASSERT_LT(packed.size(), 100'000U);
  ScriptedServer server(answering([&](const std::string& request) {
    const bool is_small = request.find(" /small") != std::string::npos;
    return http_answer("200 OK", "Content-Encoding: gzip\r\n", is_small ? gzip("hello") : packed);
  }));
  CurlTransport transport;
  EXPECT_EQ(transport.send(get(server.url("/small")), {})->body, "hello");
  const auto bomb = transport.send(get(server.url("/bomb")), {});
  ASSERT_FALSE(bomb.ok());
  EXPECT_EQ(bomb.error().kind, ErrorKind::unavailable);
}

TEST(CurlTransport, GivesUpOnSilence) {
  ScriptedServer server([](RawPeer& peer) { peer.is_closed_within(seconds{5}); });
  HttpRequest request = get(server.url("/?access_token=hidden"));
  request.timeout = milliseconds{200};
  CurlTransport transport;
  const auto begin = Clock::now();
  const auto response = transport.send(request, {});
  ASSERT_FALSE(response.ok());
  EXPECT_EQ(response.error().kind, ErrorKind::unavailable);
  EXPECT_EQ(response.error().message.find("hidden"), std::string::npos);
  EXPECT_LT(Clock::now() - begin, seconds{2});
}

TEST(CurlTransport, GivesUpOnABodyThatDrips) {
  ScriptedServer server([](RawPeer& peer) {
    peer.read_until("\r\n\r\n");
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
    while (peer.send("x") && !peer.is_closed_within(milliseconds{100})) continue;
  });
  CurlOptions options;
  options.low_speed_bytes_per_second = 100;
  options.low_speed_time = milliseconds{400};
  CurlTransport transport(options);
  const auto begin = Clock::now();
  const auto response = transport.send(get(server.url()), {});
  ASSERT_FALSE(response.ok());
  EXPECT_EQ(response.error().kind, ErrorKind::unavailable);
  EXPECT_LT(Clock::now() - begin, seconds{3});
}

TEST(CurlTransport, StopsAtOnce) {
  ScriptedServer server([](RawPeer& peer) { peer.is_closed_within(seconds{5}); });
  std::stop_source stop;
  std::thread stopper([&] {
    std::this_thread::sleep_for(milliseconds{100});
    stop.request_stop();
  });
  CurlTransport transport;
  const auto begin = Clock::now();
  const auto response = transport.send(get(server.url()), stop.get_token());
  const auto took = Clock::now() - begin;
  stopper.join();
  ASSERT_FALSE(response.ok());
  EXPECT_EQ(response.error().kind, ErrorKind::cancelled);
  EXPECT_LT(took, seconds{1});
}

TEST(CurlTransport, NoticesAnAnswerCutShort) {
  ScriptedServer server([](RawPeer& peer) {
    peer.read_until("\r\n\r\n");
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
  });
  CurlTransport transport;
  EXPECT_EQ(transport.send(get(server.url()), {}).error().kind, ErrorKind::unavailable);
}

TEST(CurlTransport, ReportsANobodyAndNonsense) {
  std::uint16_t closed_port = 0;
  {
    closed_port = ScriptedServer([](RawPeer&) {}).port();
  }
  CurlTransport transport;
  EXPECT_EQ(transport.send(get("http://127.0.0.1:" + std::to_string(closed_port)), {}).error().kind,
            ErrorKind::unavailable);
  ScriptedServer nonsense([](RawPeer& peer) {
    peer.read_until("\r\n\r\n");
    peer.send("220 smtp.example ESMTP\r\n");
  });
  EXPECT_EQ(transport.send(get(nonsense.url()), {}).error().kind, ErrorKind::unavailable);
  for (const char* url : {"", "ftp://127.0.0.1/", "file:///etc/passwd", "ws://127.0.0.1/", "http://a b/"}) {
    EXPECT_EQ(transport.send(get(url), {}).error().kind, ErrorKind::invalid) << url;
  }
}

TEST(CurlTransport, RefusesHeaderInjection) {
  ScriptedServer server(answering([](const std::string&) { return http_answer("200 OK", "", ""); }));
  CurlTransport transport;
  HttpRequest request = get(server.url());
  request.headers = {{"X", "a\r\nHost: evil.example"}};
  EXPECT_EQ(transport.send(request, {}).error().kind, ErrorKind::invalid);
  HttpRequest method = get(server.url());
  method.method = "GET / HTTP/1.1\r\nX:";
  EXPECT_EQ(transport.send(method, {}).error().kind, ErrorKind::invalid);
  EXPECT_EQ(server.connections(), 0);
}

TEST(CurlTransport, SkipsInterimAnswersAndReadsHeadsOnly) {
  ScriptedServer server(answering([](const std::string& request) {
    if (request.substr(0, 5) == "HEAD ")
      return std::string("HTTP/1.1 200 OK\r\nContent-Length: 9\r\nX: 1\r\n\r\n");
    return "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + http_answer("200 OK", "Y: 2\r\n", "body");
  }));
  CurlTransport transport;
  const auto response = transport.send(get(server.url()), {});
  ASSERT_TRUE(response.ok());
  EXPECT_EQ(response->status, 200);
  EXPECT_EQ(response->headers.find("Link"), std::nullopt);
  EXPECT_EQ(response->body, "body");
  HttpRequest head = get(server.url());
  head.method = "HEAD";
  const auto headed = transport.send(head, {});
  ASSERT_TRUE(headed.ok()) << headed.error().message;
  EXPECT_EQ(headed->headers.find("X"), "1");
  EXPECT_EQ(headed->body, "");
}

}  // namespace
}  // namespace linnet::net
