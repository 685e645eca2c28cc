#include "net/headers.hpp"

#include <gtest/gtest.h>

namespace linnet::net {
namespace {

TEST(Headers, FindsNamesWithoutRegardToCase) {
  const Headers headers{{"Content-Type", "text/html"}};
  EXPECT_EQ(headers.find("content-TYPE"), "text/html");
  EXPECT_EQ(headers.find("content-typ"), std::nullopt);
}

TEST(Headers, SetReplacesEveryFieldOfTheName) {
  Headers headers{{"a", "1"}, {"B", "2"}, {"A", "3"}};
  headers.set("A", "4");
  EXPECT_EQ(headers.size(), 2U);
  EXPECT_EQ(headers.joined("a"), "4");
}

TEST(Headers, JoinsFieldsOfOneName) {
  const Headers headers{{"Link", "<1>"}, {"X", "-"}, {"link", "<2>"}};
  EXPECT_EQ(headers.joined("LINK"), "<1>, <2>");
}

TEST(Headers, RefusesWhatCouldStartAnotherHeader) {
  EXPECT_TRUE(check_headers({{"X-Ok", "caf\xC3\xA9\tx"}}).ok());
  for (const char* value : {"a\r\nSet-Cookie: x", "a\nb", "a\rb", "a\x7F"}) {
    EXPECT_FALSE(check_headers({{"X", value}}).ok()) << value;
  }
  EXPECT_FALSE(is_valid_header_value(std::string_view("a\0b", 3)));
  for (const char* name : {"", "a b", "a:", "a\r\n", "\xC3\xA9", "a(b"}) {
    EXPECT_FALSE(check_headers({{name, "v"}}).ok()) << name;
  }
}

TEST(Headers, AnErrorDoesNotRepeatTheValue) {
  const auto status = check_headers({{"Authorization", "Bearer secret\n"}});
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().message.find("secret"), std::string::npos);
}

}  // namespace
}  // namespace linnet::net
