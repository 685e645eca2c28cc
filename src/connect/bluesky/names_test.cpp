// What people paste where AT URIs and DIDs are wanted.
#include "connect/bluesky/names.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace linnet::connect::bluesky {
namespace {

using testing::StartsWith;

TEST(BlueskyNames, EveryWayToNameAPost) {
  const std::string uri = "at://did:plc:abc/app.bsky.feed.post/3kxyz";
  for (const std::string& name :
       {uri, " " + uri + "\u200b", std::string("https://bsky.app/profile/did:plc:abc/post/3kxyz"),
        std::string("https://bsky.app/profile/did%3Aplc%3Aabc/post/3kxyz?ref=x#top")}) {
    const auto read = read_post_name("post_id", name);
    ASSERT_TRUE(read) << name << ": " << read.error().safe;
    EXPECT_EQ(*read, uri) << name;
  }
  EXPECT_EQ(read_post_name("post_id", "https://bsky.app/profile/ada.example/post/3kxyz").value(),
            "at://ada.example/app.bsky.feed.post/3kxyz");
  for (const auto* const odd : {"", "@ada.example", "3kxyz", "https://bsky.app/profile/ada.example",
                                "at://did:plc:abc", "https://social.example/@ada/115"}) {
    const auto read = read_post_name("post_id", odd);
    ASSERT_FALSE(read) << odd;
    EXPECT_THAT(read.error().safe, StartsWith("post_id: expected a post's address")) << odd;
  }
}

TEST(BlueskyNames, EveryWayToNameAPerson) {
  for (const auto* const name :
       {"ada.example", "@ada.example", "\u2068@Ada.Example\u2069", "＠ada.example",
        "https://bsky.app/profile/ada.example", "https://bsky.app/profile/ada.example/"})
    EXPECT_EQ(read_person_name("person_id", name).value(), "ada.example") << name;
  for (const auto* const name : {"did:plc:abc", "at://did:plc:abc", "https://bsky.app/profile/did:plc:abc"})
    EXPECT_EQ(read_person_name("person_id", name).value(), "did:plc:abc") << name;
  for (const auto* const odd :
       {"", "ada", "ada@social.example", "https://bsky.app/profile/ada.example/post/3k",
        "at://did:plc:abc/app.bsky.feed.post/3k"}) {
    const auto read = read_person_name("person_id", odd);
    ASSERT_FALSE(read) << odd;
    EXPECT_THAT(read.error().safe, StartsWith("person_id: expected a handle")) << odd;
  }
}

}  // namespace
}  // namespace linnet::connect::bluesky
