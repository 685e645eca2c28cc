#include "api/by_hand.hpp"

#include <gtest/gtest.h>

namespace linnet::api {
namespace {

net::Request request_with(net::Headers headers) {
  return net::Request::make(net::Method::post, "/api/v1/actions", std::move(headers));
}

govern::Who owner() {
  govern::Who who;
  who.is_person = true;
  return who;
}

TEST(ByHand, WithoutPasswordsAPageOfTheWebAppIsAHandAndAPlainRequestIsNone) {
  EXPECT_FALSE(is_by_hand(owner(), request_with({})));
  EXPECT_FALSE(is_by_hand(owner(), request_with({{"Origin", "null"}})));
  EXPECT_FALSE(is_by_hand(owner(), request_with({{"Sec-Fetch-Site", "none"}})));
  EXPECT_FALSE(is_by_hand(owner(), request_with({{"User-Agent", "Mozilla/5.0"}})));
  EXPECT_TRUE(is_by_hand(owner(), request_with({{"Origin", "http://127.0.0.1:7450"}})));
  EXPECT_TRUE(is_by_hand(owner(), request_with({{"Sec-Fetch-Site", "same-origin"}})));
}

TEST(ByHand, WhoHasSignedInIsAHandAndATokenIsNone) {
  auto signed_in = owner();
  signed_in.session_id = "s";
  EXPECT_TRUE(is_by_hand(signed_in, request_with({})));
  govern::Who token;
  token.token_id = "t";
  EXPECT_FALSE(is_by_hand(token, request_with({{"Origin", "http://127.0.0.1:7450"}})));
}

}  // namespace
}  // namespace linnet::api
