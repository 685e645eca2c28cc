#include "net/loopback_redirect.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "net/curl_transport.hpp"

namespace linnet::net {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

int visit(const std::string& url) {
  CurlTransport browser;
  HttpRequest request;
  request.url = url;
  const auto response = browser.send(request, {});
  return response.ok() ? response->status : 0;
}

TEST(LoopbackRedirect, GivesTheCode) {
  auto redirect = LoopbackRedirect::listen();
  ASSERT_TRUE(redirect.ok());
  const auto uri = redirect->redirect_uri();
  EXPECT_EQ(uri.substr(0, 17), "http://127.0.0.1:");
  std::thread browser([&] {
    EXPECT_EQ(visit(uri + "?code=abc%20d&state=s1"), 200);
    EXPECT_EQ(visit(uri + "?code=second&state=s1"), 200);
  });
  const auto answer = redirect->wait("s1", seconds{5}, {});
  browser.join();
  ASSERT_TRUE(answer.ok()) << answer.error().message;
  EXPECT_EQ(answer->at("code"), "abc d");
}

TEST(LoopbackRedirect, IgnoresStrangersAndForgeries) {
  auto redirect = LoopbackRedirect::listen();
  ASSERT_TRUE(redirect.ok());
  const auto uri = redirect->redirect_uri();
  std::thread browser([&] {
    EXPECT_EQ(visit(uri + "?code=forged&state=other"), 400);
    EXPECT_EQ(visit(uri + "?code=forged"), 400);
    EXPECT_EQ(visit(uri.substr(0, uri.rfind('/')) + "/favicon.ico"), 404);
  });
  EXPECT_EQ(redirect->wait("s1", milliseconds{700}, {}).error().kind, ErrorKind::unavailable);
  browser.join();
}

TEST(LoopbackRedirect, TheBrowserMayBeFaster) {
  auto redirect = LoopbackRedirect::listen();
  ASSERT_TRUE(redirect.ok());
  std::thread browser([uri = redirect->redirect_uri()] { EXPECT_EQ(visit(uri + "?code=1&state=s1"), 200); });
  std::this_thread::sleep_for(milliseconds{200});
  EXPECT_TRUE(redirect->wait("s1", seconds{5}, {}).ok());
  browser.join();
}

TEST(LoopbackRedirect, StopsAtOnce) {
  auto redirect = LoopbackRedirect::listen();
  ASSERT_TRUE(redirect.ok());
  std::stop_source stop;
  std::thread stopper([&] {
    std::this_thread::sleep_for(milliseconds{100});
    stop.request_stop();
  });
  EXPECT_EQ(redirect->wait("s1", seconds{5}, stop.get_token()).error().kind, ErrorKind::cancelled);
  stopper.join();
  EXPECT_EQ(redirect->wait("", seconds{5}, {}).error().kind, ErrorKind::internal);
}

}  // namespace
}  // namespace linnet::net
