#include "net/url.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace linnet::net {
namespace {

TEST(Url, ReadsItsParts) {
  const auto url = parse_url("HTTPS://Example.COM:8443/a/../b%20c?x=1&y=%2F#frag");
  ASSERT_TRUE(url.ok());
  EXPECT_EQ(url->scheme, "https");
  EXPECT_EQ(url->host, "example.com");
  EXPECT_EQ(url->port, 8443);
  EXPECT_EQ(url->path, "/b%20c");
  EXPECT_EQ(url->query, "x=1&y=%2F");
  EXPECT_EQ(url->to_string(), "https://example.com:8443/b%20c?x=1&y=%2F");
}

TEST(Url, KnowsDefaultPorts) {
  EXPECT_EQ(parse_url("wss://a.example")->port, 443);
  EXPECT_EQ(parse_url("http://a.example")->port, 80);
  EXPECT_EQ(parse_url("https://a.example:443/")->origin(), "https://a.example");
  EXPECT_EQ(parse_url("http://[::1]:80")->origin(), "http://[::1]");
  EXPECT_EQ(parse_url("http://a.example:443")->origin(), "http://a.example:443");
}

TEST(Url, WritesInternationalNamesInAscii) {
  EXPECT_EQ(parse_url("https://b\xC3\xBC"
                      "cher.example/\xC3\xBC?q=\xE2\x82\xAC")
                ->to_string(),
            "https://xn--bcher-kva.example/%C3%BC?q=%E2%82%AC");
}

TEST(Url, RefusesWhatIsNotAWebAddress) {
  for (const char* text :
       {"", "example.com", "ftp://example.com", "file:///etc/passwd", "javascript:alert(1)", "http://",
        "http:///path", "https://user:pass@example.com/", "https://example.com:0/",
        "https://example.com:99999/", "https://exa mple.com/", "https://a..b/", "https://.a/",
        "http://a%2eb/", "https://example.com/\r\nX: y", "https://ex\xFFmple.com",
        "http://127.0.0.1.evil.example/", "http://127.0.0.1x:80/"}) {
    const auto url = parse_url(text);
    EXPECT_FALSE(url.ok()) << text << " became " << (url.ok() ? url->to_string() : "");
  }
  EXPECT_FALSE(parse_url("https://a.example/" + std::string(9000, 'x')).ok());
}

RC_GTEST_PROP(Url, WhatParsesComesBackTheSame, (const std::string& tail)) {
  const auto url = parse_url("https://a.example/" + tail);
  if (!url.ok()) return;
  const auto again = parse_url(url->to_string());
  RC_ASSERT(again.ok());
  RC_ASSERT(again->to_string() == url->to_string());
  RC_ASSERT(again->host == "a.example");
  RC_ASSERT(url->to_string().find_first_of("\r\n ") == std::string::npos);
}

TEST(InstanceUrl, IsTheOrigin) {
  EXPECT_EQ(normalise_instance_url("Mastodon.Social").value(), "https://mastodon.social");
  EXPECT_EQ(normalise_instance_url("  https://mastodon.social/ ").value(), "https://mastodon.social");
  EXPECT_EQ(normalise_instance_url("http://localhost:3000").value(), "http://localhost:3000");
  EXPECT_EQ(normalise_instance_url("https://mastodon.social:443").value(), "https://mastodon.social");
  EXPECT_EQ(normalise_instance_url("localhost:3000").value(), "https://localhost:3000");
}

TEST(InstanceUrl, RefusesAWordThatIsNoServer) {
  for (const char* text : {"foo", "Mastodon", " foo ", "foo/"}) {
    const auto url = normalise_instance_url(text);
    ASSERT_FALSE(url.ok()) << text;
    EXPECT_NE(url.error().safe.find("such as https://mastodon.social"), std::string::npos);
  }
  EXPECT_EQ(normalise_instance_url("localhost").value(), "https://localhost");
  EXPECT_EQ(normalise_instance_url("127.0.0.1").value(), "https://127.0.0.1");
  EXPECT_EQ(normalise_instance_url("[::1]").value(), "https://[::1]");
  EXPECT_EQ(normalise_instance_url("foo:3000").value(), "https://foo:3000");
  EXPECT_EQ(normalise_instance_url("https://foo").value(), "https://foo");
}

TEST(InstanceUrl, RefusesMoreThanAHost) {
  for (const char* text : {"", "https://mastodon.social/@ada", "mastodon.social/?x", "wss://mastodon.social",
                           "https://ada@mastodon.social", "@ada@mastodon.social", "a b"}) {
    EXPECT_FALSE(normalise_instance_url(text).ok()) << text;
  }
}

// RFC 3986, section 5.4, with a base of http.
TEST(ResolveUrl, FollowsTheStandardsExamples) {
  const std::string base = "http://a/b/c/d;p?q";
  const std::pair<const char*, const char*> examples[] = {
      {"g", "http://a/b/c/g"},        {"./g", "http://a/b/c/g"},  {"g/", "http://a/b/c/g/"},
      {"/g", "http://a/g"},           {"//g", "http://g/"},       {"?y", "http://a/b/c/d;p?y"},
      {"g?y", "http://a/b/c/g?y"},    {"", "http://a/b/c/d;p?q"}, {"..", "http://a/b/"},
      {"../..", "http://a/"},         {"../../g", "http://a/g"},  {"../../../g", "http://a/g"},
      {"https://x/y", "https://x/y"}, {"/./g", "http://a/g"},     {"g;x=1/../y", "http://a/b/c/y"},
  };
  for (const auto& [reference, expected] : examples) {
    const auto resolved = resolve_url(base, reference);
    ASSERT_TRUE(resolved.ok()) << reference;
    EXPECT_EQ(*resolved, expected) << reference;
  }
  EXPECT_FALSE(resolve_url(base, "mailto:a@b").ok());
}

TEST(SameHost, LooksAtTheNameAlone) {
  EXPECT_TRUE(same_host("https://A.example/x", "wss://a.example:1/y"));
  EXPECT_FALSE(same_host("https://a.example", "https://b.a.example"));
  EXPECT_FALSE(same_host("nonsense", "nonsense"));
  EXPECT_TRUE(same_origin("https://a.example/x", "https://A.example:443/y"));
  EXPECT_FALSE(same_origin("https://a.example", "http://a.example"));
  EXPECT_FALSE(same_origin("http://a.example:1", "http://a.example:2"));
}

TEST(LoopbackHost, IsNotFooledByNames) {
  for (const char* host : {"localhost", "LOCALHOST", "x.localhost", "127.0.0.1", "127.1.2.3", "[::1]"}) {
    EXPECT_TRUE(is_loopback_host(host)) << host;
  }
  for (const char* host : {"", "127.0.0.1.evil.example", "localhost.evil.example", "evillocalhost",
                           "128.0.0.1", "127.evil.a.b", "[::2]", "0.0.0.0"}) {
    EXPECT_FALSE(is_loopback_host(host)) << host;
  }
}

TEST(Encoding, Percent) {
  EXPECT_EQ(percent_encode("a b/\xC3\xA9~"), "a%20b%2F%C3%A9~");
  EXPECT_EQ(percent_decode("a%20b+c"), "a b+c");
  EXPECT_EQ(percent_decode("a+b", true), "a b");
  for (const char* broken : {"%", "%2", "%zz", "a%2"})
    EXPECT_EQ(percent_decode(broken), std::nullopt) << broken;
}

RC_GTEST_PROP(Encoding, DecodingUndoesEncoding, (const std::string& text)) {
  RC_ASSERT(percent_decode(percent_encode(text)) == text);
}

RC_GTEST_PROP(Encoding, QueriesAndFormsComeBack,
              (const std::vector<std::pair<std::string, std::string>>& pairs)) {
  RC_ASSERT(parse_query(build_query(pairs)) == pairs);
  RC_ASSERT(parse_query(form_encode(pairs)) == pairs);
}

TEST(Encoding, QueriesOfOthers) {
  EXPECT_EQ(parse_query("a=1&&b&c=x+y&d=%zz&=e"),
            (QueryParameters{{"a", "1"}, {"b", ""}, {"c", "x y"}, {"d", "%zz"}, {"", "e"}}));
  EXPECT_EQ(with_query("https://a/x", {{"q", "1 2"}}), "https://a/x?q=1%202");
  EXPECT_EQ(with_query("https://a/x?y=1", {{"q", "2"}}), "https://a/x?y=1&q=2");
  EXPECT_EQ(form_encode({{"q", "1 2"}}), "q=1+2");
}

}  // namespace
}  // namespace linnet::net
