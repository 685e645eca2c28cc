// Of several processes one renews the credentials of an account, and what works is never lost.
#include "connect/renewing_credentials.hpp"

#include <gtest/gtest.h>

namespace linnet::connect {
namespace {

class RenewingCredentialsTest : public testing::Test {
 protected:
  class Turn final : public RenewalTurn {
   public:
    explicit Turn(RenewingCredentialsTest& test) : test_(test) { test_.has_turn_ = true; }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    ~Turn() override { test_.has_turn_ = false; }
    [[nodiscard]] bool is_held() const override { return !test_.is_lost_; }

   private:
    RenewingCredentialsTest& test_;
  };

  CredentialKeeping keeping() {
    CredentialKeeping keeping;
    keeping.keep = [this](const Credentials& before, const Credentials& renewed) -> Result<bool> {
      if (cannot_keep_) return unavailable("the disk is full");
      if (kept_.token != before.token) return false;
      kept_ = renewed;
      return true;
    };
    keeping.load = [this]() -> Result<Credentials> { return kept_; };
    keeping.alone = [this](const std::stop_token&) -> Result<std::unique_ptr<RenewalTurn>> {
      if (is_busy_) return unavailable("busy");
      if (before_the_turn_) before_the_turn_();
      return std::unique_ptr<RenewalTurn>(std::make_unique<Turn>(*this));
    };
    return keeping;
  }
  Status renew() {
    return credentials_.renew(
        [this](const Credentials& ending,
               const std::function<Status()>& still_wanted) -> Result<Credentials> {
          if (while_waiting_) while_waiting_();
          LINNET_CHECK(still_wanted());
          used_.push_back(ending.refresh_token);
          if (while_asked_) while_asked_();
          if (is_refused_) return Error::of(ErrorKind::denied, "it is used up");
          return pair(++newest_);
        },
        {});
  }
  static Credentials pair(int number) {
    Credentials credentials;
    credentials.token = "token-" + std::to_string(number);
    credentials.refresh_token = "refresh-" + std::to_string(number);
    return credentials;
  }
  void others_renew() { kept_ = pair(++newest_); }

  ManualClock clock_{Instant(std::chrono::hours(1))};
  int newest_ = 1;
  Credentials kept_ = pair(1);
  std::vector<std::string> used_;
  bool has_turn_ = false, is_busy_ = false, is_lost_ = false, is_refused_ = false, cannot_keep_ = false;
  std::function<void()> before_the_turn_, while_waiting_, while_asked_;
  RenewingCredentials credentials_{clock_, pair(1), keeping()};
};

TEST_F(RenewingCredentialsTest, WhatIsRenewedIsKept) {
  ASSERT_TRUE(renew());
  EXPECT_EQ(kept_.token, "token-2");
  EXPECT_EQ(credentials_.now().token, "token-2");
  EXPECT_FALSE(has_turn_) << "and others may now";
}

TEST_F(RenewingCredentialsTest, WhatAnotherProcessRenewedBeforeTheTurnCameIsTaken) {
  before_the_turn_ = [this] { others_renew(); };
  ASSERT_TRUE(renew());
  EXPECT_TRUE(used_.empty()) << "a token that is used up would end the sign-in";
  EXPECT_EQ(credentials_.now().token, "token-2");
  EXPECT_FALSE(has_turn_);
}

TEST_F(RenewingCredentialsTest, WithoutATurnNobodyIsAsked) {
  is_busy_ = true;
  EXPECT_EQ(renew().error().kind, ErrorKind::unavailable);
  EXPECT_TRUE(used_.empty());
}

TEST_F(RenewingCredentialsTest, ATurnThatIsLostWhileItWaitsSendsNothing) {
  while_waiting_ = [this] { is_lost_ = true; };
  EXPECT_EQ(renew().error().kind, ErrorKind::unavailable);
  EXPECT_TRUE(used_.empty());
  EXPECT_EQ(kept_.token, "token-1");
}

TEST_F(RenewingCredentialsTest, WhatOthersKeptMeanwhileStaysAndIsTaken) {
  while_asked_ = [this] { others_renew(); };
  ASSERT_TRUE(renew());
  EXPECT_EQ(kept_.token, "token-2") << "what was asked for under a lost turn takes no place";
  EXPECT_EQ(credentials_.now().token, "token-2");
}

TEST_F(RenewingCredentialsTest, WhatAnotherProcessUsedUpIsNoEndOfTheSignIn) {
  is_refused_ = true;
  while_asked_ = [this] { others_renew(); };
  ASSERT_TRUE(renew());
  EXPECT_EQ(credentials_.now().token, "token-2");
  while_asked_ = {};
  EXPECT_EQ(renew().error().kind, ErrorKind::denied);
}

// The token that it was asked for with is used up: only what came for it works.
TEST_F(RenewingCredentialsTest, WhatCannotBeKeptIsKeptBeforeTheNextUse) {
  cannot_keep_ = true;
  EXPECT_FALSE(renew());
  EXPECT_FALSE(renew()) << "another round changes nothing about that";
  EXPECT_FALSE(credentials_.keep());
  cannot_keep_ = false;
  ASSERT_TRUE(credentials_.keep());
  EXPECT_EQ(credentials_.now().token, "token-3");
  EXPECT_EQ(kept_.token, "token-3");
}

}  // namespace
}  // namespace linnet::connect
