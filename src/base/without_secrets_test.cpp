#include "base/without_secrets.hpp"

#include <gtest/gtest.h>

namespace linnet {
namespace {

TEST(WithoutSecrets, PasswordsOfAddressesAreHidden) {
  EXPECT_EQ(without_secrets("postgres://ada:s3cret@db.example:5432/linnet"),
            "postgres://ada:***@db.example:5432/linnet");
  EXPECT_EQ(without_secrets("postgresql://ada:s3:c@ret@db/linnet"), "postgresql://ada:***@db/linnet");
  EXPECT_EQ(without_secrets("postgres://ada:a/b?c#d@db/linnet"), "postgres://ada:***@db/linnet");
  EXPECT_EQ(without_secrets("postgres://:s3cret@db/linnet"), "postgres://:***@db/linnet");
  EXPECT_EQ(without_secrets("wss://one:two@a.example wss://three:four@b.example/x"),
            "wss://one:***@a.example wss://three:***@b.example/x");
  EXPECT_EQ(without_secrets("wss://s3cret@a.example/"), "wss://***@a.example/");
}

TEST(WithoutSecrets, SoAreParameters) {
  EXPECT_EQ(without_secrets("postgres://db/linnet?user=ada&password=s3cret&sslmode=require"),
            "postgres://db/linnet?user=ada&password=***&sslmode=require");
  EXPECT_EQ(without_secrets("host=db password = 's3 \\' cret' user=ada"), "host=db password = *** user=ada");
  EXPECT_EQ(without_secrets("wss://a.example/subscribe?access_token=s3cret"),
            "wss://a.example/subscribe?access_token=***");
  EXPECT_EQ(without_secrets("PASSWORD=s3=cret&x=1"), "PASSWORD=***&x=1");
}

TEST(WithoutSecrets, WhatIsNoneStays) {
  for (const char* text : {"", "sqlite:/home/ada/linnet.db", "postgres://ada@db:5432/linnet?sslmode=require",
                           "127.0.0.1, ::1", "30d", "https://social.example:8443/@ada",
                           "https://social.example/@ada", "did:web:api.bsky.chat", "a=b"})
    EXPECT_EQ(without_secrets(text), text);
}

}  // namespace
}  // namespace linnet
