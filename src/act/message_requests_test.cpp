// What it costs to keep up with the messages on a server: requests, counted by the fake.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "act/messages.hpp"
#include "connect/mastodon/acting_mastodon.hpp"
#include "connect/mastodon/fake_mastodon.hpp"
#include "kit/test_database.hpp"

namespace linnet::act {
namespace {

namespace mastodon = connect::mastodon;

class MessageRequests : public testing::TestWithParam<store::Engine> {
 protected:
  void SetUp() override {
    LINNET_SKIP_WITHOUT(GetParam());
    if (const auto why = mastodon::FakeMastodon::missing()) GTEST_SKIP() << *why;
    fake_ = std::make_unique<mastodon::FakeMastodon>();
    database_ = std::make_unique<test::TestDatabase>(GetParam());
    writer_ = std::move(store::Writer::start(**database_)).value();
    mastodon::ApiOptions options;
    options.base_url = fake_->url();
    options.token = "test-token-alice";
    mastodon::ApiClient client(transport_, budget_, options);
    const auto alice = client.verify_credentials({})->id;
    acting_ = std::make_unique<mastodon::ActingMastodon>(transport_, budget_, clock_, options, alice);
    const auto done = writer_->write([&](store::Connection& connection) {
      return connection.execute(fmt::format(
          R"(INSERT INTO instances (base_url, platform, created_at)
             VALUES ('{}', 'mastodon', 0); INSERT INTO accounts (id, platform, instance_id,
               platform_user_id, username, created_at, updated_at)
             SELECT 'acc', 'mastodon', id, '{}', 'alice', 0, 0 FROM instances)",
          fake_->url(), alice));
    });
    ASSERT_TRUE(done) << done.error().message;
  }
  // The id of what Bob wrote.
  std::string write(const std::string& answered = {}) {
    const auto reply = answered.empty() ? std::string() : fmt::format(R"(,"in_reply_to_id":"{}")", answered);
    const auto made = fake_->control(
        "publish", fmt::format(R"({{"account":"bob","text":"@alice hi","visibility":"direct"{}}})", reply));
    return std::string(std::string_view(made.at("ids").at(0).as_string()));
  }
  struct Cost {
    std::size_t lists = 0;
    std::size_t contexts = 0;
  };
  Cost sync() {
    const Cost before{fake_->requests("conversations"), fake_->requests("context")};
    const auto done =
        sync_messages(**database_, *writer_, clock_, box_, *acting_, connect::AccountId("acc"), {}, {});
    EXPECT_TRUE(done) << done.error().message;
    return {fake_->requests("conversations") - before.lists, fake_->requests("context") - before.contexts};
  }

  SystemClock clock_;
  SecretBox box_ = SecretBox::from_hex(std::string(64, 'b')).value();
  net::CurlTransport transport_;
  connect::RequestBudget budget_{clock_};
  std::unique_ptr<mastodon::FakeMastodon> fake_;
  std::unique_ptr<mastodon::ActingMastodon> acting_;
  std::unique_ptr<test::TestDatabase> database_;
  std::unique_ptr<store::Writer> writer_;
};

TEST_P(MessageRequests, AreOneForAListAndOneForEachConversationWithSomethingNew) {
  std::string last;
  for (int i = 0; i < 12; ++i) last = write();
  const auto first = sync();
  EXPECT_EQ(first.lists, 1);
  EXPECT_EQ(first.contexts, 12);
  const auto second = sync();
  EXPECT_EQ(second.lists, 1);
  EXPECT_EQ(second.contexts, 0);
  write(last);
  const auto third = sync();
  EXPECT_EQ(third.lists, 1);
  EXPECT_EQ(third.contexts, 1);
}

TEST_P(MessageRequests, ReachBeyondTheFirstPage) {
  for (int i = 0; i < 50; ++i) write();
  const auto cost = sync();
  EXPECT_EQ(cost.lists, 2);
  EXPECT_EQ(cost.contexts, 50);
  auto reader = (*database_)->reader();
  EXPECT_EQ(store::query_integer(**reader, "SELECT COUNT(*) FROM dm_threads").value(), 50);
}

INSTANTIATE_TEST_SUITE_P(Engines, MessageRequests,
                         testing::Values(store::Engine::sqlite, store::Engine::postgres), test::engine_name);

}  // namespace
}  // namespace linnet::act
