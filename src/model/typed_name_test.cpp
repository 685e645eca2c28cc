#include "model/typed_name.hpp"

#include <gtest/gtest.h>

namespace linnet::model {
namespace {

TEST(TypedName, PastedTextIsCleaned) {
  EXPECT_EQ(clean_name("  \u2068@ada.bsky.social\u2069\u200b\n"), "@ada.bsky.social");
  EXPECT_EQ(clean_name("\u202aada.example\u202c"), "ada.example");
  EXPECT_EQ(clean_name("＠ada＠far.example\ufeff"), "@ada@far.example");
  EXPECT_EQ(clean_name("\u00ada\u00adda"), "ada");
  EXPECT_EQ(clean_name(" \t"), "");
}

TEST(TypedName, AProfilesAddressSaysWhoItIs) {
  EXPECT_EQ(address_as_typed("https://far.example/@ada"), "ada@far.example");
  EXPECT_EQ(address_as_typed("HTTPS://Far.Example/@ada/"), "ada@far.example");
  EXPECT_EQ(address_as_typed("https://home.example/@ada@far.example"), "ada@far.example");
  EXPECT_EQ(address_as_typed("https://home.example/web/@ada@far.example"), "ada@far.example");
  EXPECT_EQ(address_as_typed("https://far.example/users/ada?x=1#top"), "ada@far.example");
  EXPECT_EQ(address_as_typed("https://far.example/profile/ada"), "ada@far.example");
  EXPECT_EQ(address_as_typed("http://far.example:3000/@ada"), "ada@far.example:3000");
  EXPECT_EQ(address_as_typed("https://bsky.app/profile/ada.bsky.social"), "ada.bsky.social");
  EXPECT_EQ(address_as_typed("https://bsky.app/profile/did:plc:abc"), "did:plc:abc");
  EXPECT_EQ(address_as_typed("https://bsky.app/profile/did%3Aplc%3Aabc"), "did:plc:abc");
  EXPECT_EQ(address_as_typed("acct:ada@far.example"), "ada@far.example");
  EXPECT_EQ(address_as_typed("at://did:plc:abc"), "did:plc:abc");
  EXPECT_EQ(address_as_typed("@ada@far.example "), "@ada@far.example");
}

TEST(TypedName, NobodyIsOnTwoServers) {
  EXPECT_TRUE(refuse_two_servers("user", "@ada@one.example"));
  EXPECT_TRUE(refuse_two_servers("user", "42"));
  EXPECT_TRUE(refuse_two_servers("user", "https://one.example/@ada@two.example"));
  for (const auto* const odd : {"ada@one.example@two.example", "@ada@@two.example"}) {
    const auto refused = refuse_two_servers("user", odd);
    ASSERT_FALSE(refused) << odd;
    EXPECT_EQ(refused.error().kind, ErrorKind::invalid);
  }
}

TEST(TypedName, APostsAddressSaysNothingOfAPerson) {
  for (const auto* const link : {"https://far.example/@ada/115", "https://far.example/users/ada/statuses/115",
                                 "https://far.example/", "https://bsky.app/profile/ada.example/post/3k",
                                 "https://far.example/notice/Abc", "ftp://far.example/@ada"})
    EXPECT_EQ(address_as_typed(link), link);
}

}  // namespace
}  // namespace linnet::model
