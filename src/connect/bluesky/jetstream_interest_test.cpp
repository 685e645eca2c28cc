// What is watched of Bluesky, by its names.
#include "connect/bluesky/jetstream_interest.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace linnet::connect::bluesky {
namespace {

using testing::HasSubstr;

TEST(JetstreamInterest, streams_have_one_name_each) {
  EXPECT_EQ(normalise_stream("public").value(), "public");
  EXPECT_EQ(normalise_stream("hashtag:#Bücher").value(), "hashtag:bücher");
  EXPECT_EQ(normalise_stream("account:did:plc:ada").value(), "account:did:plc:ada");
  for (const auto* const wrong :
       {"", "user", "public:local", "hashtag:", "hashtag:#", "hashtag:a b", "hashtag:a#b", "hashtag:\xFF",
        "account:", "account:ada.bsky.social", "list:1"})
    EXPECT_EQ(normalise_stream(wrong).error().kind, ErrorKind::invalid) << wrong;
}

TEST(JetstreamInterest, is_told_to_the_server) {
  Interest interest;
  ASSERT_TRUE(interest.add("account:did:plc:bob").ok());
  ASSERT_TRUE(interest.add("account:did:plc:ada").ok());
  EXPECT_EQ(options_update(interest, 1'000),
            R"({"type":"options_update","payload":{"wantedCollections":["app.bsky.feed.post"],)"
            R"("wantedDids":["did:plc:ada","did:plc:bob"],"maxMessageSizeBytes":1000}})");
  EXPECT_EQ(interest.name(), "account:did:plc:ada, account:did:plc:bob");
  ASSERT_TRUE(interest.add("hashtag:books").ok());
  EXPECT_THAT(options_update(interest, 0), HasSubstr(R"("wantedDids":[])"));
}

TEST(JetstreamInterest, has_a_bound_and_a_name_that_stays_short) {
  Interest interest;
  for (int i = 0; i < 10'000; ++i) ASSERT_TRUE(interest.add("account:did:plc:" + std::to_string(i)).ok());
  EXPECT_EQ(interest.add("account:did:plc:one-more").error().kind, ErrorKind::invalid);
  EXPECT_LT(interest.name().size(), 400U);
  EXPECT_THAT(interest.name(), HasSubstr(" more"));
}

}  // namespace
}  // namespace linnet::connect::bluesky
