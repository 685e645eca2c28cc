// Ids, links and names where ids are wanted, on the fake server.
#include "connect/mastodon/names.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "connect/mastodon/fake_mastodon.hpp"

namespace linnet::connect::mastodon {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class MastodonNames : public testing::Test {
 protected:
  void SetUp() override {
    if (const auto why = FakeMastodon::missing()) GTEST_SKIP() << *why;
    fake_ = std::make_unique<FakeMastodon>();
    server_.base_url = fake_->url();
    server_.token = "test-token-alice";
    ApiClient client(transport_, budget_, server_);
    bob_ = client.find_account_id("bob", {}).value();
  }
  Result<std::string> person(std::string_view given) {
    return find_person_id(transport_, budget_, server_, "person_id", given, {});
  }
  Result<std::string> post(std::string_view given) {
    return find_post_id(transport_, budget_, server_, "post_id", given, {});
  }
  static std::string text_of(const boost::json::value& value) {
    return std::string(std::string_view(value.as_string()));
  }

  SystemClock clock_;
  net::CurlTransport transport_;
  RequestBudget budget_{clock_};
  std::unique_ptr<FakeMastodon> fake_;
  ApiOptions server_;
  std::string bob_;
};

TEST_F(MastodonNames, EveryWayToNameAPerson) {
  const auto host = server_.base_url.substr(server_.base_url.find("://") + 3);
  for (const auto& name : {std::string("bob"), std::string("@bob"), "@bob@" + host, "bob@" + host,
                           std::string("\u2068@bob\u2069"), server_.base_url + "/@bob",
                           server_.base_url + "/users/bob", server_.base_url + "/web/@bob", bob_}) {
    const auto found = person(name);
    ASSERT_TRUE(found) << name << ": " << found.error().safe;
    EXPECT_EQ(*found, bob_) << name;
  }
  const auto dave = text_of(fake_->control("account", R"({"acct":"dave@far.example"})").at("id"));
  for (const auto* const name : {"dave@far.example", "@Dave@Far.Example", "https://far.example/@dave",
                                 "acct:dave@far.example", "＠dave＠far.example"}) {
    const auto found = person(name);
    ASSERT_TRUE(found) << name << ": " << found.error().safe;
    EXPECT_EQ(*found, dave) << name;
  }
}

TEST_F(MastodonNames, WhoIsNobodyIsRefusedByName) {
  EXPECT_THAT(person("nobody@gone.example").error().safe, StartsWith("person_id: "));
  EXPECT_EQ(person("nobody@gone.example").error().kind, ErrorKind::not_found);
  EXPECT_EQ(person("nobody").error().kind, ErrorKind::not_found);
  for (const auto* const odd : {"", "@", "two words", "did:plc:abc"}) {
    const auto found = person(odd);
    ASSERT_FALSE(found) << odd;
    EXPECT_THAT(found.error().safe, HasSubstr("expected a person's address")) << odd;
  }
}

TEST_F(MastodonNames, EveryWayToNameAPost) {
  const auto made = fake_->control("publish", R"({"account":"bob","text":"Hello"})").at("status");
  const auto id = text_of(made.at("id"));
  const auto url = text_of(made.at("url"));
  for (const auto& name :
       {id, url, " " + url + "\u200b", text_of(made.at("uri")), server_.base_url + "/web/@bob/" + id,
        server_.base_url + "/web/statuses/" + id, url + "?x=1#top"}) {
    const auto found = post(name);
    ASSERT_TRUE(found) << name << ": " << found.error().safe;
    EXPECT_EQ(*found, id) << name;
  }
  // Of another server, which names it by a number of its own.
  fake_->control("account", R"({"acct":"dave@far.example"})");
  const auto far = fake_->control(
      "publish",
      R"({"account":"dave@far.example","text":"Far","url":"https://far.example/@dave/9","uri":"https://far.example/users/dave/statuses/9"})");
  const auto found = post("https://far.example/@dave/9");
  ASSERT_TRUE(found) << found.error().safe;
  EXPECT_EQ(*found, text_of(far.at("ids").at(0)));
}

TEST_F(MastodonNames, WhatIsNoPostIsRefusedByName) {
  EXPECT_EQ(post(server_.base_url + "/@bob/999999").error().kind, ErrorKind::not_found);
  for (const auto& odd : {std::string("@bob"), server_.base_url + "/@bob",
                          std::string("at://did:plc:abc/x.y.z/1"), std::string("two words"), std::string()}) {
    const auto found = post(odd);
    ASSERT_FALSE(found) << odd;
    EXPECT_EQ(found.error().kind, ErrorKind::invalid) << odd;
    EXPECT_THAT(found.error().safe, StartsWith("post_id: expected a post's address")) << odd;
  }
}

TEST_F(MastodonNames, AServerThatIsDownIsNotTakenForNobody) {
  fake_->control("fail", R"({"kind":"status","status":503,"count":-1})");
  EXPECT_EQ(person("@bob").error().kind, ErrorKind::unavailable);
}

}  // namespace
}  // namespace linnet::connect::mastodon
