#include "net/request_checks.hpp"

#include <gtest/gtest.h>

namespace linnet::net {
namespace {

TEST(HostCheck, ALoopbackServerAnswersToLoopbackNamesOnly) {
  for (const char* host :
       {"localhost", "localhost:8080", "127.0.0.1:1", "[::1]:8080", "[::1]", "LocalHost"}) {
    EXPECT_TRUE(is_host_allowed(host, true, {})) << host;
  }
  for (const char* host :
       {"evil.example", "evil.example:8080", "localhost.evil.example", "", "127.0.0.1.evil.example",
        "[::1].evil.example", "[::1]evil.example", "[::1]:80.evil.example", "[::1",
        "localhost:80.evil.example", "localhost:evil.example", "localhost:80:evil.example",
        "evil.example@localhost", "localhost/evil.example", "localhost:123456", ":8080", "[::2]"}) {
    EXPECT_FALSE(is_host_allowed(host, true, {})) << host;
    EXPECT_FALSE(is_host_allowed(host, false, {"linnet.example"})) << host;
  }
  EXPECT_TRUE(is_host_allowed("Linnet.example:443", true, {"linnet.example"}));
}

TEST(HostCheck, APublicServerAnswersToAnyNameUntilSomeAreNamed) {
  EXPECT_TRUE(is_host_allowed("any.example", false, {}));
  EXPECT_FALSE(is_host_allowed("any.example", false, {"linnet.example"}));
  EXPECT_TRUE(is_host_allowed("linnet.example", false, {"linnet.example"}));
}

TEST(OriginCheck, LetsInTheSameHostAndTheNamedOnes) {
  const CalledBy here{"localhost:8080", "", false};
  EXPECT_TRUE(is_origin_allowed("", here, {})) << "no browser";
  EXPECT_TRUE(is_origin_allowed("http://localhost:8080", here, {}));
  EXPECT_TRUE(is_origin_allowed("https://LINNET.example", {"linnet.example", "", false}, {}));
  EXPECT_TRUE(
      is_origin_allowed("https://app.example", {"linnet.example", "", false}, {"https://app.example"}));
  for (const char* origin : {"null", "http://localhost:8081", "http://evil.example",
                             "http://localhost:8080.evil.example", "localhost:8080", "http://"}) {
    EXPECT_FALSE(is_origin_allowed(origin, here, {})) << origin;
  }
  EXPECT_FALSE(is_origin_allowed("http://", {}, {}));
}

TEST(OriginCheck, KnowsTheNameThatTheProxyHas) {
  const CalledBy behind{"127.0.0.1:7450", "linnet.example", true};
  EXPECT_TRUE(is_origin_allowed("https://linnet.example", behind, {}));
  EXPECT_FALSE(is_origin_allowed("https://evil.example", behind, {}));
  EXPECT_FALSE(is_origin_allowed("http://linnet.example", behind, {})) << "in the clear it may be anybody";
}

class GivenFields final : public HeaderSource {
 public:
  explicit GivenFields(Headers fields) : fields_(std::move(fields)) {}
  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const override {
    return fields_.find(name);
  }
  [[nodiscard]] std::string joined(std::string_view name) const override { return fields_.joined(name); }

 private:
  Headers fields_;
};

TEST(CrossSite, IsWhatAPageOfAnotherSiteHadSent) {
  const CalledBy here{"localhost:8080", "", false};
  const auto is_cross = [&](Headers fields) {
    return is_cross_site(GivenFields(std::move(fields)), here, {"https://board.example"});
  };
  EXPECT_FALSE(is_cross({})) << "no browser";
  EXPECT_FALSE(is_cross({{"Sec-Fetch-Site", "same-origin"}, {"Referer", "http://localhost:8080/x"}}));
  EXPECT_FALSE(is_cross({{"Sec-Fetch-Site", "none"}})) << "typed in, or a bookmark";
  EXPECT_TRUE(is_cross({{"Sec-Fetch-Site", "cross-site"}}));
  EXPECT_TRUE(is_cross({{"Sec-Fetch-Site", "same-site"}})) << "another port of this machine";
  EXPECT_TRUE(is_cross({{"Sec-Fetch-Site", "nonsense"}}));
  EXPECT_TRUE(is_cross({{"Sec-Fetch-Site", "cross-site"}, {"Origin", "https://evil.example"}}));
  EXPECT_FALSE(is_cross({{"Sec-Fetch-Site", "cross-site"}, {"Origin", "https://board.example"}}));
  EXPECT_TRUE(is_cross({{"Origin", "https://evil.example"}})) << "a browser that says no more";
  EXPECT_TRUE(is_cross({{"Origin", "null"}}));
  EXPECT_TRUE(is_cross({{"Referer", "https://evil.example/localhost:8080"}}));
  EXPECT_FALSE(is_cross({{"Referer", "http://localhost:8080/posts?x#y"}}));
  EXPECT_FALSE(is_cross({{"Referer", "https://board.example/"}}));
}

}  // namespace
}  // namespace linnet::net
