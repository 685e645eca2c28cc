// Which conversations are read, and what is heeded in them.
#include "act/messages_fixture.hpp"

namespace linnet::act {
namespace {

TEST_P(Messages, OneConversationThatFailsHoldsUpNoOther) {
  for (const auto kind :
       {ErrorKind::unavailable, ErrorKind::denied, ErrorKind::invalid, ErrorKind::corrupt}) {
    left_alone_.clear();
    correspondent_.broken_ = "t1";
    correspondent_.broken_by_ = Error::of(kind, "it cannot be shown");
    correspondent_.version_ = std::to_string(static_cast<int>(kind));
    const auto read = correspondent_.read_;
    sync();
    EXPECT_EQ(correspondent_.read_, read + 2);
    EXPECT_EQ(number("SELECT COUNT(*) FROM blocklist_entries WHERE value = 'carl' AND added_by = 'opt_out'"),
              1);
    EXPECT_EQ(number(
                  R"(SELECT COUNT(*) FROM accounts
                     WHERE id = 'on-a' AND messages_error LIKE '%it cannot be shown%'
                       AND messages_refused_at IS NULL)"),
              1);
  }
  const auto before = correspondent_.read_;
  sync();
  EXPECT_EQ(correspondent_.read_, before + 1) << "the one that failed, and no other, is read again";
  correspondent_.broken_.clear();
  consent(true);
  sync();
  EXPECT_EQ(with("bea").size(), 2U);
  EXPECT_EQ(number("SELECT COUNT(*) FROM accounts WHERE messages_error IS NOT NULL"), 0);
}

TEST_P(Messages, ThatAreNotToBeReadJustNowAreLeftForLater) {
  correspondent_.broken_ = "t1";
  correspondent_.broken_by_ = Error::of(ErrorKind::rate_limited, "slow down");
  const auto done =
      sync_messages(**database_, *writer_, clock_, box_, correspondent_, connect::AccountId("on-a"), {}, {});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind, ErrorKind::rate_limited);
  EXPECT_EQ(correspondent_.read_, 1);
}

TEST_P(Messages, AGroupIsNamedAfterNobodyAndItsPeopleAreHeededOneByOne) {
  sync();
  correspondent_.is_group_ = true;
  sync();
  EXPECT_EQ(number(
                R"(SELECT COUNT(*) FROM dm_threads
                   WHERE platform_thread_id = 'g' AND participant_id = ''
                     AND participant_username = 'a group of 3')"),
            1);
  ASSERT_EQ(left_alone_.size(), 2U);
  EXPECT_EQ(left_alone_.back().user_id, "carl");
}

TEST_P(Messages, AreLookedAtForAWordToStop) {
  sync();
  ASSERT_FALSE(left_alone_.empty());
  EXPECT_EQ(left_alone_.front().user_id, "carl");
  EXPECT_EQ(left_alone_.front().server, "a.example");
  EXPECT_EQ(left_alone_.front().address, "carl@x.example");
}

TEST_P(Messages, AskToStopOnceHoweverOftenTheyAreSeen) {
  sync();
  const auto rows = audit_rows();
  sync();
  sync();
  EXPECT_EQ(left_alone_.size(), 1);
  EXPECT_EQ(audit_rows(), rows);
  // Carl takes it back; the old message does not undo that, a new one does.
  ASSERT_TRUE(blocklist_->remove(blocklist_->all()->front().id, "Carl", true));
  sync();
  EXPECT_TRUE(blocklist_->all()->empty());
  correspondent_.carls_next_ = "stop it";
  sync();
  EXPECT_EQ(blocklist_->all()->size(), 1);
}

TEST_P(Messages, AskToStopAlsoInAConversationWithSomebodyErased) {
  correspondent_.third_ = true;
  correspondent_.dans_words_ = "Stop, please";
  ASSERT_TRUE(blocklist_->keep_fingerprint({"mastodon", "a.example", "bea", ""}));
  sync();
  sync();
  EXPECT_TRUE(with("bea").empty());
  EXPECT_EQ(std::count_if(left_alone_.begin(), left_alone_.end(),
                          [](const auto& person) { return person.user_id == "dan"; }),
            1);
}

TEST_P(Messages, OfAConversationThatWasLeftInBetweenDoNotHoldUpTheOthers) {
  correspondent_.is_left_ = true;
  sync();
  EXPECT_TRUE(with("bea").empty());
  ASSERT_FALSE(left_alone_.empty());
  EXPECT_EQ(left_alone_.front().user_id, "carl");
}

TEST_P(Messages, ThatTheCredentialsDoNotCoverAreNotAskedForAgainAndAgain) {
  correspondent_.refusal_ = Error::of(ErrorKind::denied, "make another app password");
  const auto try_to_sync = [&] {
    return sync_messages(**database_, *writer_, clock_, box_, correspondent_, connect::AccountId("on-a"), {},
                         {});
  };
  const auto said = [&] {
    auto reader = (*database_)->reader();
    return store::query_text(**reader, "SELECT messages_error FROM accounts WHERE id = 'on-a'").value();
  };
  EXPECT_EQ(try_to_sync().error().kind, ErrorKind::denied);
  EXPECT_EQ(said(), "make another app password");
  EXPECT_EQ(try_to_sync().value(), 0);
  EXPECT_EQ(correspondent_.asked_, 1);
  auto reader = (*database_)->reader();
  EXPECT_EQ(
      store::query_text(**reader, "SELECT credential_state FROM accounts WHERE id = 'on-a'").value().value(),
      "ok")
      << "it can do all else";
  // Hours later, and then it works.
  ASSERT_TRUE(writer_->write([](store::Connection& connection) {
    return store::run(connection,
                      "UPDATE accounts SET messages_refused_at = messages_refused_at - 25000000000");
  }));
  EXPECT_FALSE(try_to_sync());
  EXPECT_EQ(correspondent_.asked_, 2);
  connect::AccountStore accounts(**database_, *writer_, clock_, box_);
  const auto account = accounts.find("on-a").value();
  connect::Credentials credentials;
  credentials.token = "another";
  ASSERT_TRUE(accounts.add(
      {account.platform, account.instance, account.platform_user_id, account.username, ""}, credentials));
  EXPECT_FALSE(said()) << "somebody signed in again";
  correspondent_.refusal_.reset();
  sync();
  EXPECT_EQ(correspondent_.asked_, 3);
  EXPECT_EQ(with("bea").size(), 1);
}

TEST_P(Messages, OfConversationsInWhichNothingIsNewAreNotReadAgain) {
  correspondent_.version_ = "one";
  sync();
  EXPECT_EQ(correspondent_.read_, 2);
  clock_.advance(std::chrono::minutes(5));
  correspondent_.unread_ = 3;
  sync();
  EXPECT_EQ(correspondent_.read_, 2);
  EXPECT_EQ(number("SELECT MAX(unread_count) FROM dm_threads"), 3) << "that is known without reading";
  correspondent_.version_ = "two";
  sync();
  EXPECT_EQ(correspondent_.read_, 4);
  // Bea agrees: what was left out is read.
  consent(true);
  clock_.advance(std::chrono::minutes(5));
  sync();
  EXPECT_EQ(correspondent_.read_, 6);
  EXPECT_EQ(with("bea").size(), 2);
  clock_.advance(std::chrono::minutes(5));
  sync();
  EXPECT_EQ(correspondent_.read_, 6);
  clock_.advance(std::chrono::hours(25));
  sync();
  EXPECT_EQ(correspondent_.read_, 8);
}

TEST_P(Messages, AreReadAgainWhereAWordToStopCouldNotBeHeeded) {
  correspondent_.version_ = "one";
  EXPECT_TRUE(sync_messages(**database_, *writer_, clock_, box_, correspondent_, connect::AccountId("on-a"),
                            [](const govern::PersonKey&) -> Status { return unavailable("not now"); }, {}))
      << "one that fails holds up no other";
  sync();
  ASSERT_EQ(left_alone_.size(), 1);
  EXPECT_EQ(left_alone_.front().user_id, "carl");
}

TEST_P(Messages, APassingFaultIsNoRefusal) {
  correspondent_.refusal_ = unavailable("come back later");
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(sync_messages(**database_, *writer_, clock_, box_, correspondent_,
                               connect::AccountId("on-a"), {}, {}));
  }
  EXPECT_EQ(correspondent_.asked_, 3);
}

INSTANTIATE_TEST_SUITE_P(Engines, Messages, testing::Values(store::Engine::sqlite, store::Engine::postgres),
                         test::engine_name);

}  // namespace
}  // namespace linnet::act
