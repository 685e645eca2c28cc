// Names of topics are read as they are written, and whom they are about is known from them alone.
#include "observe/salience/topic_key.hpp"

#include <gmock/gmock.h>

namespace linnet::salience {
namespace {

using testing::ElementsAre;

TEST(TopicKeys, AreReadAsTheyAreWritten) {
  for (const auto* const text :
       {"server:1:user:2", "server:1:channel:2", "server:1:thread:2", "server:1:role:2", "server:1:emoji:👍",
        "server:1:dyad:2:3", "server:1:user_in_channel:2:3", "server:1:subject:book_club", "user:2",
        "dyad:2:3", "self", "hashtag:boats", "account:social.example:7", "account:localhost:3000:7",
        "account:bsky.example:did:plc:abc", "account:localhost:2583:did:plc:abc"}) {
    const auto key = parse_topic_key(text);
    ASSERT_TRUE(key) << text << ": " << key.error().message;
    EXPECT_EQ(to_string(*key), text);
  }
}

TEST(TopicKeys, SayWhatTheyAre) {
  const auto account = parse_topic_key("account:localhost:3000:did:plc:abc").value();
  EXPECT_EQ(account.category, Category::account);
  EXPECT_EQ(account.first, "localhost:3000");
  EXPECT_EQ(account.second, "did:plc:abc");
  const auto seat = parse_topic_key("server:1:user_in_channel:2:3").value();
  EXPECT_EQ(seat.first, "2");
  EXPECT_EQ(seat.second, "3");
  EXPECT_THAT(people_in(seat), ElementsAre("3"));
  EXPECT_THAT(people_in(parse_topic_key("dyad:2:3").value()), ElementsAre("2", "3"));
  EXPECT_TRUE(people_in(parse_topic_key("server:1:channel:3").value()).empty());
  EXPECT_TRUE(parse_topic_key("user:2").value().is_global());
  EXPECT_FALSE(parse_topic_key("server:1:user:2").value().is_global());
}

TEST(TopicKeys, OfTwoHaveThemInOneOrder) {
  EXPECT_EQ(dyad_of("1", "9", "10"), "server:1:dyad:10:9");
  EXPECT_EQ(dyad_of("1", "10", "9"), "server:1:dyad:10:9");
  EXPECT_FALSE(parse_topic_key("server:1:dyad:9:10"));
}

TEST(TopicKeys, OtherTextsAreNone) {
  for (const auto* const text :
       {"", "user", "user:", "server:1", "server::user:2", "server:1:self", "server:1:hashtag:x", "channel:2",
        "server:1:dyad:2:2", "dyad:3:2", "account:social.example", "account::7", "cats:1", "server:1:dyad:2",
        "self:zos", "server:1:user_in_channel:2:"}) {
    const auto key = parse_topic_key(text);
    ASSERT_FALSE(key) << text;
    EXPECT_EQ(key.error().kind, ErrorKind::invalid);
  }
}

TEST(TopicKeys, TellWhatATopicBelongsTo) {
  EXPECT_THAT(owners_of(parse_topic_key("server:1:user_in_channel:2:3").value()),
              ElementsAre("server:1:user:3", "server:1:channel:2", ""));
  EXPECT_THAT(owners_of(parse_topic_key("server:1:dyad:2:3").value()),
              ElementsAre("server:1:user:2", "server:1:user:3", ""));
  EXPECT_THAT(owners_of(parse_topic_key("dyad:2:3").value()), ElementsAre("user:2", "user:3", ""));
  EXPECT_THAT(owners_of(parse_topic_key("server:1:user:2").value()), ElementsAre("user:2", "", ""));
  EXPECT_THAT(owners_of(parse_topic_key("user:2").value()), ElementsAre("", "", ""));
}

TEST(SubjectNames, AreOneForEverySpelling) {
  EXPECT_EQ(subject_name("Book Club!"), "book_club");
  EXPECT_EQ(subject_name("  book   club "), "book_club");
  EXPECT_EQ(subject_name("Größe"), subject_name("GRÖSSE"));
  EXPECT_EQ(subject_name("東京"), "東京");
  EXPECT_EQ(subject_name("a"), "");
  EXPECT_EQ(subject_name(":::"), "");
  EXPECT_LE(subject_name(std::string(200, 'x')).size(), 50U);
}

}  // namespace
}  // namespace linnet::salience
