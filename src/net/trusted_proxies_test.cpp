// Only proxies that are trusted say who asks.
#include "net/trusted_proxies.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/http_server.hpp"
#include "net/scripted_server.hpp"

namespace linnet::net {
namespace {

class Fields final : public HeaderSource {
 public:
  explicit Fields(Headers headers) : headers_(std::move(headers)) {}
  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const override {
    return headers_.find(name);
  }
  [[nodiscard]] std::string joined(std::string_view name) const override { return headers_.joined(name); }

 private:
  Headers headers_;
};

TrustedProxies trust(std::string_view list) {
  return TrustedProxies::parse(list).value();
}

std::string address_of(Headers headers, std::string_view peer, std::string_view trusted) {
  return sender_of(Fields(std::move(headers)), peer, trust(trusted)).address;
}

TEST(TrustedProxies, AreAddressesAndRanges) {
  const auto trusted = trust("127.0.0.1, ::1,10.1.0.0/16, 2001:db8::/32");
  for (const auto* address : {"127.0.0.1", "::1", "10.1.255.3", "::ffff:10.1.2.3", "2001:db8:9::1"})
    EXPECT_TRUE(trusted.trusts(address)) << address;
  for (const auto* address : {"127.0.0.2", "::2", "10.2.0.1", "2001:db9::1", "", "localhost"})
    EXPECT_FALSE(trusted.trusts(address)) << address;
  EXPECT_FALSE(trust("none").trusts("127.0.0.1"));
  EXPECT_FALSE(trust("").trusts("127.0.0.1"));
  EXPECT_TRUE(trust("0.0.0.0/0").trusts("203.0.113.7"));
  EXPECT_FALSE(trust("0.0.0.0/0").trusts("2001:db8::1"));
}

TEST(TrustedProxies, WhatIsNoAddressIsNamed) {
  for (const auto* part :
       {"proxy.example", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "::/129", "10.0.0.0/8x"}) {
    const auto parsed = TrustedProxies::parse(std::string("127.0.0.1, ") + part);
    ASSERT_FALSE(parsed) << part;
    EXPECT_THAT(parsed.error().safe, testing::HasSubstr(part));
  }
}

TEST(Sender, IsThePeerUnlessThatIsTrusted) {
  const Headers claims{{"X-Forwarded-For", "203.0.113.7"}, {"X-Forwarded-Proto", "https"}};
  EXPECT_EQ(address_of(claims, "198.51.100.1", "127.0.0.1"), "198.51.100.1");
  EXPECT_FALSE(sender_of(Fields(claims), "198.51.100.1", trust("127.0.0.1")).is_https);
  EXPECT_EQ(address_of(claims, "127.0.0.1", "127.0.0.1"), "203.0.113.7");
  EXPECT_TRUE(sender_of(Fields(claims), "127.0.0.1", trust("127.0.0.1")).is_https);
  EXPECT_EQ(address_of({}, "127.0.0.1", "127.0.0.1"), "127.0.0.1");
}

TEST(Sender, WroteWhatStandsBeforeItself) {
  // The client made up the first address; the proxy added the second, in the same field or in one of its own.
  EXPECT_EQ(address_of({{"X-Forwarded-For", "1.1.1.1, 203.0.113.7"}}, "::1", "::1"), "203.0.113.7");
  EXPECT_EQ(address_of({{"X-Forwarded-For", "1.1.1.1"}, {"X-Forwarded-For", "203.0.113.7"}}, "::1", "::1"),
            "203.0.113.7");
  EXPECT_EQ(address_of({{"X-Forwarded-For", "1.1.1.1, 203.0.113.7, 10.0.0.2"}}, "::1", "::1, 10.0.0.0/8"),
            "203.0.113.7");
  EXPECT_FALSE(
      sender_of(Fields({{"X-Forwarded-Proto", "https"}, {"X-Forwarded-Proto", "http"}}), "::1", trust("::1"))
          .is_https);
}

TEST(Sender, AnAddressIsReadAsProxiesWriteIt) {
  EXPECT_EQ(address_of({{"X-Forwarded-For", "[2001:db8::1]:4711"}}, "::1", "::1"), "2001:db8::1");
  EXPECT_EQ(address_of({{"X-Forwarded-For", "2001:DB8:0::1"}}, "::1", "::1"), "2001:db8::1");
  EXPECT_EQ(address_of({{"X-Forwarded-For", "203.0.113.7:80"}}, "::1", "::1"), "203.0.113.7");
  EXPECT_EQ(address_of({{"X-Forwarded-For", "::ffff:203.0.113.7"}}, "::1", "::1"), "203.0.113.7");
  // What is no address says nothing, and nothing before it is believed.
  for (const auto* nonsense : {"203.0.113.7, unknown", "203.0.113.7,", "203.0.113.7, [", "203.0.113.7, [::1"})
    EXPECT_EQ(address_of({{"X-Forwarded-For", nonsense}}, "::1", "::1"), "::1") << nonsense;
}

// Over a real connection, with a field that comes twice.
TEST(Sender, IsWhatHandlersSee) {
  HttpHandlers handlers;
  handlers.handle = [](const Request& request) {
    Response response;
    response.body = std::string(request.remote()) + (request.is_https() ? " https" : " http");
    return response;
  };
  for (const auto* trusted : {"none", "127.0.0.1"}) {
    HttpServerOptions options;
    options.trusted_proxies = trust(trusted);
    const auto server = std::move(HttpServer::start(options, handlers)).value();
    auto peer = RawPeer::connect(server->port());
    peer.send(
        "GET / HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-Proto: https\r\nX-Forwarded-For: 1.1.1.1\r\n"
        "x-forwarded-for: 203.0.113.7\r\n\r\n");
    const bool is_trusted = trusted != std::string_view("none");
    EXPECT_THAT(peer.read_answer(),
                testing::EndsWith(is_trusted ? "\r\n\r\n203.0.113.7 https" : "\r\n\r\n127.0.0.1 http"));
  }
}

}  // namespace
}  // namespace linnet::net
