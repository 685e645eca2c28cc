// Settings and resumption of an account stand in the audit trail, or do not happen.
#include "govern/account_changes.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "connect/account_store.hpp"
#include "govern/audit.hpp"
#include "kit/database_fixture.hpp"
#include "kit/two_servers.hpp"

namespace linnet::govern {
namespace {

class AccountChanges : public test::DatabaseFixture {
 protected:
  void SetUp() override {
    DatabaseFixture::SetUp();
    if (IsSkipped()) return;
    accounts_ = std::make_unique<connect::AccountStore>(**database_, *writer_, clock_, box_);
    test::add_two_servers(*writer_);
  }

  SystemClock clock_;
  SecretBox box_ = SecretBox::from_hex(std::string(64, 'c')).value();
  const connect::AccountId id_{"on-a"};
  const AccountChange change_{"on-a", "mastodon", "bo", Instant(std::chrono::hours(1))};
  std::unique_ptr<connect::AccountStore> accounts_;
};

TEST_P(AccountChanges, SayWhoChangedWhatFromWhatToWhat) {
  AccountSettings before;
  AccountSettings after;
  after.rate_limit.likes = 5;
  after.auto_approve.comments = true;
  after.quiet_hours = QuietHours{};
  ASSERT_TRUE(accounts_->set_settings(id_, "{}", settings_changed(change_, before, after)));
  ASSERT_TRUE(accounts_->resume(id_, account_resumed(change_)));
  auto reader = (*database_)->reader();
  const auto trail = list_audit(**reader, {}).value();
  ASSERT_EQ(trail.size(), 2);
  EXPECT_EQ(trail[0].details.at("what"), "account_resumed");
  EXPECT_EQ(trail[1].details.at("what"), "settings_changed");
  const auto& changed = trail[1].details.at("changed").as_object();
  EXPECT_EQ(changed.size(), 3);
  EXPECT_EQ(boost::json::serialize(changed.at("rateLimit.likesPerHour")), "[30,5]");
  EXPECT_EQ(boost::json::serialize(changed.at("autoApprove.comments")), "[false,true]");
  for (const auto& row : trail) {
    EXPECT_EQ(row.actor, "bo");
    EXPECT_EQ(row.account_id, "on-a");
  }
}

TEST_P(AccountChanges, ThatCannotBeWrittenDownDoNotHappen) {
  const auto before = accounts_->find("on-a")->settings;
  const auto done = accounts_->set_settings(id_, R"({"warmUp":false})",
                                            [](store::Connection&) { return invalid("the trail is full"); });
  EXPECT_FALSE(done);
  EXPECT_EQ(accounts_->find("on-a")->settings, before);
}

INSTANTIATE_TEST_SUITE_P(Engines, AccountChanges,
                         testing::Values(store::Engine::sqlite, store::Engine::postgres), test::engine_name);

}  // namespace
}  // namespace linnet::govern
