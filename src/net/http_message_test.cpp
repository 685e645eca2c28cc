#include "net/http_message.hpp"

#include <gtest/gtest.h>

namespace linnet::net {
namespace {

TEST(Request, SplitsAndDecodesTheTarget) {
  const auto request = Request::make(Method::get, "/api//v1/a%2Fb/%zz/?x=1+2&y=%26&x=3");
  EXPECT_EQ(request.path(), "/api//v1/a%2Fb/%zz/");
  EXPECT_EQ(request.segments(), (std::vector<std::string>{"api", "v1", "a/b", "%zz"}));
  EXPECT_EQ(request.query("x"), "1 2");
  EXPECT_EQ(request.query("y"), "&");
  EXPECT_EQ(request.query("z"), std::nullopt);
  EXPECT_TRUE(Request::make(Method::get, "/").segments().empty());
}

TEST(Request, NegotiatesTheCoding) {
  const auto accepts = [](const char* value) {
    return Request::make(Method::get, "/", {{"accept-encoding", value}}).accepts_encoding("gzip");
  };
  EXPECT_TRUE(accepts("gzip, deflate, br"));
  EXPECT_TRUE(accepts("br;q=1.0, GZIP;q=0.5"));
  EXPECT_FALSE(accepts("br, gzip;q=0"));
  EXPECT_FALSE(accepts("br, gzip; q=0.000"));
  EXPECT_FALSE(accepts("br, xgzip"));
  EXPECT_FALSE(Request::make(Method::get, "/").accepts_encoding("gzip"));
}

TEST(Problem, IsValidJsonWhateverTheDetail) {
  const auto response = problem(404, "no \"post\"\\\n\x01 \xFF");
  EXPECT_EQ(response.content_type, "application/problem+json");
  EXPECT_EQ(response.body_text(),
            "{\"type\":\"about:blank\",\"title\":\"Not Found\",\"status\":404,\"detail\":"
            "\"no \\\"post\\\"\\\\\\n\\u0001 \xEF\xBF\xBD\"}");
}

TEST(Problem, ShowsTheSafeTextOnly) {
  const auto response = problem(Error::of(ErrorKind::unavailable, "disk /var/x is full", "storage is full"));
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(response.body_text().find("/var/x"), std::string_view::npos);
  EXPECT_NE(response.body_text().find("storage is full"), std::string_view::npos);
}

}  // namespace
}  // namespace linnet::net
