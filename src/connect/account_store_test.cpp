// Accounts and watches: credentials are sealed, renewed, never wiped; watches come and go.
#include "connect/account_store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "connect/test_store.hpp"

namespace linnet::connect {
namespace {

using testing::HasSubstr;
using testing::Not;

const Instant kNow = parse_iso8601("2026-08-01T12:00:00Z").value();

class AccountStoreTest : public testing::TestWithParam<store::Engine> {
 protected:
  void SetUp() override {
    if (const auto reason = TestStore::missing(GetParam())) GTEST_SKIP() << *reason;
    store_ = std::make_unique<TestStore>(GetParam());
    accounts_ = std::make_unique<AccountStore>(store_->database(), store_->writer(), clock_, box_);
  }
  NewAccount ada(std::int64_t instance = 1) { return {"mastodon", InstanceId(instance), "7", "ada", "Ada"}; }

  ManualClock clock_{kNow};
  SecretBox box_ = SecretBox::from_hex(std::string(64, 'a')).value();
  std::unique_ptr<TestStore> store_;
  std::unique_ptr<AccountStore> accounts_;
};

TEST_P(AccountStoreTest, keeps_an_account_and_gives_its_credentials_back) {
  const auto id = accounts_->add(ada(), {"t0ken", "cid", "s3cret"}).value();
  EXPECT_EQ(id.value().size(), 36U);
  const auto list = accounts_->list().value();
  ASSERT_EQ(list.size(), 1U);
  EXPECT_EQ(list[0].id, id);
  EXPECT_EQ(list[0].username, "ada");
  EXPECT_EQ(list[0].display_name, "Ada");
  EXPECT_EQ(list[0].created_at, kNow);
  EXPECT_FALSE(list[0].last_used_at);
  const auto credentials = accounts_->credentials(id).value();
  EXPECT_EQ(credentials.token, "t0ken");
  EXPECT_EQ(credentials.client_secret, "s3cret");
}

TEST_P(AccountStoreTest, nothing_secret_stands_in_the_database) {
  const auto id = accounts_->add(ada(), {"t0ken", "cid", "s3cret"}).value();
  const auto stored = store_->text("SELECT credentials FROM accounts");
  EXPECT_THAT(stored, HasSubstr("\"authTag\":\""));
  EXPECT_THAT(stored, Not(HasSubstr("t0ken")));
  EXPECT_THAT(stored, Not(HasSubstr("s3cret")));
}

TEST_P(AccountStoreTest, credentials_that_were_tampered_with_or_moved_are_refused) {
  const auto one = accounts_->add(ada(1), {"one", {}, {}}).value();
  const auto two = accounts_->add(ada(2), {"two", {}, {}}).value();
  store_->execute("UPDATE accounts SET credentials = (SELECT credentials FROM accounts WHERE id = '" +
                  one.value() + "') WHERE id = '" + two.value() + "'");
  EXPECT_EQ(accounts_->credentials(one)->token, "one");
  EXPECT_EQ(accounts_->credentials(two).error().kind, ErrorKind::corrupt);
  store_->execute("UPDATE accounts SET credentials = replace(credentials, 'a', 'b')");
  EXPECT_EQ(accounts_->credentials(one).error().kind, ErrorKind::corrupt);
  AccountStore other(store_->database(), store_->writer(), clock_,
                     SecretBox::from_hex(std::string(64, 'b')).value());
  EXPECT_EQ(other.credentials(one).error().kind, ErrorKind::corrupt);
}

TEST_P(AccountStoreTest, renewed_credentials_take_the_place_of_those_they_came_for) {
  const auto id = accounts_->add(ada(), {.token = "one", .refresh_token = "refresh"}).value();
  const auto one = accounts_->credentials(id).value();
  EXPECT_TRUE(accounts_->renew_credentials(id, one, {.token = "two"}).value());
  EXPECT_EQ(accounts_->credentials(id)->token, "two");
  EXPECT_EQ(accounts_->credentials(id)->refresh_token, "refresh");
  EXPECT_FALSE(accounts_->renew_credentials(id, one, {.token = "three"}).value())
      << "another process renewed them, or somebody signed in again";
  EXPECT_EQ(accounts_->credentials(id)->token, "two");
  EXPECT_EQ(accounts_->renew_credentials(AccountId("nobody"), one, {.token = "two"}).error().kind,
            ErrorKind::not_found);
}

TEST_P(AccountStoreTest, signing_in_again_renews_the_credentials_of_the_same_account) {
  const auto first = accounts_->add(ada(), {"old", {}, {}}).value();
  clock_.advance(std::chrono::hours(1));
  auto renamed = ada();
  renamed.username = "ada2";
  const auto second = accounts_->add(renamed, {"new", {}, {}}).value();
  EXPECT_EQ(first, second);
  EXPECT_EQ(accounts_->credentials(first)->token, "new");
  const auto account = accounts_->find("ada2").value();
  EXPECT_EQ(account.created_at, kNow);
  EXPECT_EQ(account.updated_at, kNow + std::chrono::hours(1));
}

TEST_P(AccountStoreTest, a_sign_in_without_a_token_wipes_nothing) {
  const auto id = accounts_->add(ada(), {"works", {}, {}}).value();
  EXPECT_EQ(accounts_->add(ada(), {}).error().kind, ErrorKind::invalid);
  EXPECT_EQ(accounts_->credentials(id)->token, "works");
}

TEST_P(AccountStoreTest, finds_by_id_or_by_a_name_that_is_one_alone) {
  const auto one = accounts_->add(ada(1), {"x", {}, {}}).value();
  EXPECT_EQ(accounts_->find("ada")->id, one);
  ASSERT_TRUE(accounts_->add(ada(2), {"y", {}, {}}).ok());
  EXPECT_EQ(accounts_->find("ada").error().kind, ErrorKind::conflict);
  EXPECT_EQ(accounts_->find(one.value())->id, one);
  EXPECT_EQ(accounts_->find("bob").error().kind, ErrorKind::not_found);
  ASSERT_TRUE(accounts_->mark_used(one).ok());
  EXPECT_EQ(accounts_->find(one.value())->last_used_at, kNow);
}

TEST_P(AccountStoreTest, signing_in_again_as_somebody_else_changes_nothing) {
  const auto id = accounts_->add(ada(), {"old", {}, {}}).value();
  auto bob = ada();
  bob.platform_user_id = "8";
  bob.username = "bob";
  const auto refused = accounts_->add(bob, {"bobs", {}, {}}, id);
  EXPECT_EQ(refused.error().kind, ErrorKind::conflict);
  EXPECT_THAT(refused.error().safe, HasSubstr("bob's, and the account is ada"));
  EXPECT_EQ(accounts_->add(ada(2), {"elsewhere", {}, {}}, id).error().kind, ErrorKind::conflict);
  EXPECT_EQ(accounts_->add(ada(), {"x", {}, {}}, AccountId("none")).error().kind, ErrorKind::not_found);
  EXPECT_EQ(accounts_->list()->size(), 1U);
  EXPECT_EQ(accounts_->credentials(id)->token, "old");
  EXPECT_EQ(accounts_->add(ada(), {"new", {}, {}}, id).value(), id);
  EXPECT_EQ(accounts_->credentials(id)->token, "new");
}

TEST_P(AccountStoreTest, one_that_is_switched_off_stays_so_and_is_not_removed) {
  const auto nothing_more = [](store::Connection&) { return Status(); };
  const auto id = accounts_->add(ada(), {"old", {}, {}}).value();
  ASSERT_TRUE(accounts_->set_active(id, false, nothing_more).ok());
  EXPECT_FALSE(accounts_->find("ada")->is_active);
  EXPECT_FALSE(accounts_->find("ada")->is_removed);
  ASSERT_TRUE(accounts_->add(ada(), {"new", {}, {}}).ok());
  EXPECT_FALSE(accounts_->find("ada")->is_active);
  ASSERT_TRUE(accounts_->set_active(id, true, nothing_more).ok());
  EXPECT_TRUE(accounts_->find("ada")->is_active);
  EXPECT_EQ(accounts_->set_active(AccountId("none"), false, nothing_more).error().kind, ErrorKind::not_found);
  // What could not be written in the audit trail is not done.
  const auto no_audit = [](store::Connection&) -> Status { return unavailable("no"); };
  EXPECT_FALSE(accounts_->set_active(id, false, no_audit).ok());
  EXPECT_TRUE(accounts_->find("ada")->is_active);
}

TEST_P(AccountStoreTest, one_that_was_removed_comes_back_by_signing_in_alone) {
  const auto nothing_more = [](store::Connection&) { return Status(); };
  const auto id = accounts_->add(ada(), {"old", {}, {}}).value();
  store_->execute("UPDATE accounts SET is_active = 0, credentials = NULL");
  EXPECT_TRUE(accounts_->find("ada")->is_removed);
  EXPECT_EQ(accounts_->set_active(id, true, nothing_more).error().kind, ErrorKind::conflict);
  ASSERT_TRUE(accounts_->add(ada(), {"new", {}, {}}, id).ok());
  EXPECT_TRUE(accounts_->find("ada")->is_active);
  EXPECT_FALSE(accounts_->find("ada")->is_removed);
}

TEST_P(AccountStoreTest, removing_an_account_takes_its_watches_along) {
  const auto id = accounts_->add(ada(), {"x", {}, {}}).value();
  ASSERT_TRUE(accounts_->add_watch(InstanceId(1), id, "user").ok());
  ASSERT_TRUE(accounts_->add_watch(InstanceId(1), std::nullopt, "public").ok());
  ASSERT_TRUE(accounts_->remove(id, {}).ok());
  EXPECT_EQ(accounts_->remove(id, {}).error().kind, ErrorKind::not_found);
  EXPECT_EQ(accounts_->credentials(id).error().kind, ErrorKind::not_found);
  const auto watches = accounts_->list_watches().value();
  ASSERT_EQ(watches.size(), 1U);
  EXPECT_EQ(watches[0].stream, "public");
}

TEST_P(AccountStoreTest, watches_are_paused_taken_up_again_and_removed) {
  const auto id = accounts_->add(ada(), {"x", {}, {}}).value();
  const auto watch = accounts_->add_watch(InstanceId(1), std::nullopt, "hashtag:cats").value();
  ASSERT_TRUE(accounts_->set_watch_active(watch, false).ok());
  EXPECT_FALSE(accounts_->list_watches()->at(0).is_active);
  EXPECT_EQ(accounts_->add_watch(InstanceId(1), id, "hashtag:cats").value(), watch);
  const auto again = accounts_->list_watches()->at(0);
  EXPECT_TRUE(again.is_active);
  EXPECT_EQ(again.account, id);
  ASSERT_TRUE(accounts_->remove_watch(watch).ok());
  EXPECT_TRUE(accounts_->list_watches()->empty());
  EXPECT_EQ(accounts_->remove_watch(watch).error().kind, ErrorKind::not_found);
  EXPECT_EQ(accounts_->set_watch_active(watch, true).error().kind, ErrorKind::not_found);
}

INSTANTIATE_TEST_SUITE_P(Engines, AccountStoreTest,
                         testing::Values(store::Engine::sqlite, store::Engine::postgres), engine_name);

}  // namespace
}  // namespace linnet::connect
