// Opt-outs: whom they count for, what they end, and that they are heard once.
#include <gtest/gtest.h>

#include "govern/audit.hpp"
#include "govern/blocklist.hpp"
#include "kit/test_database.hpp"
#include "kit/two_servers.hpp"

namespace linnet::govern {
namespace {

const PersonKey kAdaOnA{"mastodon", "a.example", "42", ""};

class OptOuts : public testing::TestWithParam<store::Engine> {
 protected:
  void SetUp() override {
    LINNET_SKIP_WITHOUT(GetParam());
    database_ = std::make_unique<test::TestDatabase>(GetParam());
    writer_ = std::move(store::Writer::start(**database_)).value();
    list_ = std::make_unique<Blocklist>(**database_, *writer_, clock_);
    test::add_two_servers(*writer_);
  }
  // The clock stands still: what this process wrote has to count at once all the same.
  bool is_left_alone(const std::string& server, const std::string& id, const std::string& address) {
    BlockSubject subject;
    subject.platform = "mastodon";
    subject.server = server;
    subject.user_id = id;
    subject.user_name = address;
    return list_->check(subject, "").value().has_value();
  }
  std::string status_of(std::string_view attempt) {
    auto reader = (*database_)->reader();
    return store::query_text(**reader,
                             R"(SELECT a.status || ' ' || p.state FROM action_attempts a
                                JOIN approvals p ON p.attempt_id = a.id WHERE a.id = $1)",
                             {attempt})
        .value()
        .value_or("");
  }
  std::vector<AuditEntry> trail() {
    auto reader = (*database_)->reader();
    return list_audit(**reader, {}).value();
  }
  std::int64_t mark() {
    auto reader = (*database_)->reader();
    return store::query_integer(**reader, "SELECT value FROM govern_marks WHERE name = 'blocklist'")
        .value()
        .value_or(-1);
  }
  Result<std::int64_t> opt_out(const PersonKey& person) { return list_->opt_out(person, "asked", "bo"); }

  ManualClock clock_{Instant(std::chrono::hours(1000))};
  std::unique_ptr<test::TestDatabase> database_;
  std::unique_ptr<store::Writer> writer_;
  std::unique_ptr<Blocklist> list_;
};

TEST_P(OptOuts, CountForThePersonOnEveryServerAndForNobodyElse) {
  EXPECT_FALSE(is_left_alone("a.example", "42", "ada@a.example"));
  ASSERT_TRUE(opt_out(kAdaOnA));
  EXPECT_TRUE(is_left_alone("a.example", "42", ""));
  EXPECT_TRUE(is_left_alone("b.example", "77", "ada@a.example")) << "the same person under another id";
  EXPECT_FALSE(is_left_alone("b.example", "42", "carl@b.example")) << "another person under the same id";
  EXPECT_EQ(list_->all()->front().address, "ada@a.example");
}

TEST_P(OptOuts, CancelWhatIsPendingForThatPersonAlone) {
  test::add_pending_like(*writer_, "ada-a", "on-a", "42");
  test::add_pending_like(*writer_, "ada-b", "on-b", "77");
  test::add_pending_like(*writer_, "carl-b", "on-b", "42");
  const auto cancelled = opt_out(kAdaOnA);
  ASSERT_TRUE(cancelled) << cancelled.error().message;
  EXPECT_EQ(*cancelled, 2);
  EXPECT_EQ(status_of("ada-a"), "cancelled cancelled");
  EXPECT_EQ(status_of("ada-b"), "cancelled cancelled");
  EXPECT_EQ(status_of("carl-b"), "pending open");
}

TEST_P(OptOuts, HaveAnAuditRowForEachActionTheyCancel) {
  test::add_pending_like(*writer_, "ada-a", "on-a", "42");
  test::add_pending_like(*writer_, "ada-b", "on-b", "77");
  ASSERT_TRUE(opt_out(kAdaOnA));
  const auto rows = trail();
  ASSERT_EQ(rows.size(), 3);
  EXPECT_EQ(rows[0].details.at("what"), "opt_out");
  EXPECT_EQ(rows[0].details.at("cancelled"), 2);
  EXPECT_EQ(rows[0].actor, "bo");
  for (std::size_t i = 1; i < 3; ++i) {
    EXPECT_EQ(rows[i].details.at("what"), "cancelled");
    EXPECT_EQ(rows[i].details.at("why"), "opt_out");
    EXPECT_EQ(rows[i].outcome, AuditOutcome::skipped);
    EXPECT_EQ(rows[i].run_id, "run-" + std::string(rows[i].details.at("action").as_string()));
  }
}

TEST_P(OptOuts, SaidAgainChangeNothing) {
  ASSERT_TRUE(opt_out(kAdaOnA));
  const auto rows = trail().size();
  const auto before = mark();
  ASSERT_TRUE(opt_out(kAdaOnA));
  EXPECT_EQ(trail().size(), rows);
  EXPECT_EQ(mark(), before);
  test::add_pending_like(*writer_, "late", "on-a", "42");
  EXPECT_EQ(opt_out(kAdaOnA).value(), 1);
  EXPECT_EQ(mark(), before);
}

TEST_P(OptOuts, AreTakenBackOnlyWithEvidence) {
  ASSERT_TRUE(opt_out(kAdaOnA));
  ASSERT_TRUE(list_->keep_fingerprint({"mastodon", "a.example", "42", "ada@a.example"}));
  EXPECT_EQ(list_->take_back_opt_out(kAdaOnA, "", "bo").error().kind, ErrorKind::invalid);
  EXPECT_TRUE(is_left_alone("a.example", "42", ""));
  ASSERT_TRUE(list_->take_back_opt_out(kAdaOnA, "https://a.example/@ada/7", "bo"));
  EXPECT_FALSE(is_left_alone("a.example", "42", "ada@a.example")) << "nor by what outlives an erasure";
  EXPECT_EQ(trail().front().details.at("what"), "opt_out_taken_back");
  EXPECT_EQ(trail().front().details.at("evidence"), "https://a.example/@ada/7");
  EXPECT_EQ(list_->take_back_opt_out(kAdaOnA, "again", "bo").error().kind, ErrorKind::not_found);
}

TEST_P(OptOuts, OfOthersStayWhenOneIsTakenBack) {
  ASSERT_TRUE(opt_out(kAdaOnA));
  ASSERT_TRUE(opt_out({"mastodon", "b.example", "42", ""}));
  ASSERT_TRUE(list_->take_back_opt_out({"mastodon", "", "ada@a.example", ""}, "said so", "bo"));
  EXPECT_FALSE(is_left_alone("a.example", "42", ""));
  EXPECT_TRUE(is_left_alone("b.example", "42", ""));
}

TEST_P(OptOuts, AreFoundHoweverTheAddressWasWritten) {
  for (const auto* const written : {"@Ada@A.example", "ada@a.example", " @ADA@a.EXAMPLE "}) {
    ASSERT_TRUE(opt_out({"mastodon", "", written, ""})) << written;
    EXPECT_TRUE(is_left_alone("a.example", "42", "ada@a.example")) << written;
    EXPECT_TRUE(is_left_alone("b.example", "77", "ada@a.example")) << written;
  }
  EXPECT_EQ(list_->all()->size(), 1);
  ASSERT_TRUE(opt_out({"mastodon", "https://B.example", "@carl", ""}));
  EXPECT_TRUE(is_left_alone("b.example", "42", "carl@b.example"));
  ASSERT_TRUE(opt_out({"bluesky", "", "@Bea.example", ""}));
  BlockSubject bea;
  bea.platform = "bluesky";
  bea.user_id = "did:plc:bea";
  bea.user_name = "bea.example";
  EXPECT_TRUE(list_->check(bea, "").value());
}

TEST_P(OptOuts, ThatWouldFitNobodyAreRefused) {
  EXPECT_NE(opt_out({"mastodon", "", "42", ""}).error().safe.find("server:"), std::string::npos);
  EXPECT_NE(opt_out({"mastodon", "a.example", "@", ""}).error().safe.find("user_id:"), std::string::npos);
  EXPECT_NE(opt_out({"bluesky", "", "bea", ""}).error().safe.find("DID"), std::string::npos);
  EXPECT_NE(opt_out({"", "", "42", ""}).error().safe.find("bluesky or discord or mastodon"),
            std::string::npos);
  EXPECT_TRUE(list_->all()->empty());
}

TEST_P(OptOuts, MeanWhoseProfileAnAddressIs) {
  ASSERT_TRUE(opt_out({"mastodon", "a.example", "https://a.example/@ada", ""}));
  EXPECT_TRUE(is_left_alone("b.example", "77", "ada@a.example"));
}

TEST_P(OptOuts, GoOnAsFingerprintsOfThatPersonAlone) {
  ASSERT_TRUE(list_->keep_fingerprint({"mastodon", "a.example", "42", "ada@a.example"}));
  EXPECT_TRUE(is_left_alone("a.example", "42", ""));
  EXPECT_TRUE(is_left_alone("b.example", "77", "ada@a.example"));
  EXPECT_FALSE(is_left_alone("b.example", "42", "carl@b.example"));
}

INSTANTIATE_TEST_SUITE_P(Engines, OptOuts, testing::Values(store::Engine::sqlite, store::Engine::postgres),
                         test::engine_name);

}  // namespace
}  // namespace linnet::govern
