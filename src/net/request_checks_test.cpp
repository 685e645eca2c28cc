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
       {"evil.example", "evil.example:8080", "localhost.evil.example", "", "127.0.0.1.evil.example"}) {
    EXPECT_FALSE(is_host_allowed(host, true, {})) << host;
  }
  EXPECT_TRUE(is_host_allowed("Linnet.example:443", true, {"linnet.example"}));
}

TEST(HostCheck, APublicServerAnswersToAnyNameUntilSomeAreNamed) {
  EXPECT_TRUE(is_host_allowed("any.example", false, {}));
  EXPECT_FALSE(is_host_allowed("any.example", false, {"linnet.example"}));
  EXPECT_TRUE(is_host_allowed("linnet.example", false, {"linnet.example"}));
}

TEST(OriginCheck, LetsInTheSameHostAndTheNamedOnes) {
  EXPECT_TRUE(is_origin_allowed("", "localhost:8080", {})) << "no browser";
  EXPECT_TRUE(is_origin_allowed("http://localhost:8080", "localhost:8080", {}));
  EXPECT_TRUE(is_origin_allowed("https://LINNET.example", "linnet.example", {}));
  EXPECT_TRUE(is_origin_allowed("https://app.example", "linnet.example", {"https://app.example"}));
  for (const char* origin : {"null", "http://localhost:8081", "http://evil.example",
                             "http://localhost:8080.evil.example", "localhost:8080", "http://"}) {
    EXPECT_FALSE(is_origin_allowed(origin, "localhost:8080", {})) << origin;
  }
  EXPECT_FALSE(is_origin_allowed("http://", "", {}));
}

}  // namespace
}  // namespace linnet::net
