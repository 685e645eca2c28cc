#include "govern/blocklist.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <memory>

#include "govern/audit.hpp"
#include "govern/blocklist_csv.hpp"
#include "kit/blocklist.hpp"
#include "kit/test_database.hpp"

namespace linnet::govern {
namespace {

using test::block_entry;
using test::block_subject;

const PersonKey kAda{"mastodon", "a.example", "1", ""};

class BlocklistStore : public testing::TestWithParam<store::Engine> {
 protected:
  void SetUp() override {
    if (GetParam() == store::Engine::postgres && test::postgres_address() == nullptr)
      GTEST_SKIP() << "no PostgreSQL";
    database_ = std::make_unique<test::TestDatabase>(GetParam());
    writer_ = std::move(store::Writer::start(**database_)).value();
    list_ = std::make_unique<Blocklist>(**database_, *writer_, clock_);
  }
  // Past the moment in which the list is not looked at again.
  void wait() { clock_.advance(std::chrono::seconds(1)); }

  ManualClock clock_{Instant(std::chrono::hours(1000))};
  std::unique_ptr<test::TestDatabase> database_;
  std::unique_ptr<store::Writer> writer_;
  std::unique_ptr<Blocklist> list_;
};

TEST_P(BlocklistStore, KeepsOptOutsPastErasure) {
  EXPECT_FALSE(list_->check(block_subject("ada"), "").value());
  ASSERT_TRUE(list_->opt_out(kAda, "message", "ada"));
  wait();
  const auto hit = list_->check(block_subject("ada"), "").value();
  ASSERT_TRUE(hit);
  EXPECT_TRUE(hit->is_opt_out);
  EXPECT_EQ(list_->remove(hit->entry_id, "me").error().kind, ErrorKind::denied);
  ASSERT_TRUE(list_->keep_fingerprint(kAda));
  ASSERT_TRUE(list_->remove(hit->entry_id, "me", true));
  wait();
  EXPECT_TRUE(list_->check(block_subject("ada"), "").value()->is_opt_out);
  EXPECT_TRUE(list_->check(block_subject("b"), "I paint #nobot").value()->is_opt_out);
}

TEST_P(BlocklistStore, ListsByWhoAdded) {
  ASSERT_TRUE(list_->add(block_entry(EntryType::user, MatchType::exact, "rude@a.example")));
  ASSERT_TRUE(list_->opt_out(kAda, "message", "ada"));
  BlocklistQuery query;
  EXPECT_EQ(list_->list(query)->size(), 2U);
  query.added_by = AddedBy::opt_out;
  const auto opted_out = list_->list(query).value();
  ASSERT_EQ(opted_out.size(), 1U);
  EXPECT_EQ(opted_out[0].value, "1");
  EXPECT_EQ(opted_out[0].server, "a.example");
  query.added_by = AddedBy::user;
  EXPECT_EQ(list_->list(query)->at(0).value, "rude@a.example");
}

// Some ids hold capitals, and people write ids and handles as they like.
TEST_P(BlocklistStore, FindsIdsAndHandlesInAnyCase) {
  ASSERT_TRUE(list_->add(block_entry(EntryType::user, MatchType::exact, "@Ada@Example.Social")));
  ASSERT_TRUE(list_->add(block_entry(EntryType::user, MatchType::exact, "DID:plc:Abc")));
  ASSERT_TRUE(list_->opt_out({"bluesky", "", "did:plc:Xyz", ""}, "message", "bo"));
  wait();
  EXPECT_TRUE(list_->check(block_subject("ada@example.social"), "").value());
  EXPECT_TRUE(list_->check({"bluesky", "did:plc:abc", "ada"}, "").value());
  EXPECT_TRUE(list_->check({"bluesky", "did:plc:Xyz", "bo"}, "").value());
  EXPECT_TRUE(list_->check({"bluesky", "did:plc:xyz", "bo"}, "").value());
  EXPECT_FALSE(list_->check({"bluesky", "did:plc:xy", "bo"}, "").value());
  EXPECT_EQ(list_->add(block_entry(EntryType::user, MatchType::exact, "ada@EXAMPLE.social")).error().kind,
            ErrorKind::conflict);
}

TEST_P(BlocklistStore, NamesOptOutsFirst) {
  for (int i = 0; i < 8; ++i)  // ids are drawn by chance: one opt-out could be first without being put there
    ASSERT_TRUE(list_->add(block_entry(EntryType::user, MatchType::contains,
                                       "a" + std::string(static_cast<std::size_t>(i), '_'))));
  ASSERT_TRUE(list_->opt_out(kAda, "message", "ada"));
  wait();
  const auto all = list_->check_all(block_subject("a_______"));
  ASSERT_TRUE(all);
  ASSERT_EQ(all->size(), 9);
  EXPECT_EQ(all->front().added_by, AddedBy::opt_out);
}

TEST_P(BlocklistStore, HasEverythingThatItExported) {
  for (const auto* const user : {"ada@example.social", "bo", "DID:plc:Abc"})
    ASSERT_TRUE(list_->add(block_entry(EntryType::user, MatchType::exact, user)));
  auto passing = block_entry(EntryType::domain, MatchType::exact, "bücher.example");
  passing.platform = "mastodon";
  passing.expires_at = clock_.now() + std::chrono::hours(1);
  ASSERT_TRUE(list_->add(passing));
  ASSERT_TRUE(list_->opt_out(kAda, "message", "ada"));
  const auto all = list_->all().value();
  for (const auto& csv : {users_to_csv(all), domains_to_csv(all)}) {
    const auto import = read_blocklist_csv(csv, {}, Silenced::left_out, clock_.now());
    ASSERT_TRUE(import);
    EXPECT_TRUE(import->problems.empty());
    EXPECT_FALSE(import->entries.empty());
    EXPECT_EQ(list_->add_all(import->entries).value(), 0);
  }
  EXPECT_EQ(list_->all()->size(), all.size());
}

TEST_P(BlocklistStore, RefusesAnUnknownPlatformAndKeepsNothing) {
  auto one = block_entry(EntryType::user, MatchType::exact, "ada");
  one.platform = "twitter";
  EXPECT_EQ(list_->add(one).error().kind, ErrorKind::invalid);
  EXPECT_EQ(list_->opt_out({"twitter", "", "1", ""}, "message", "x").error().safe,
            "platform: expected bluesky or discord or mastodon, got \"twitter\"; write one of these, the one "
            "that the "
            "person is on");
  EXPECT_TRUE(list_->all()->empty());
}

TEST_P(BlocklistStore, CountsAtOnceWhatItWroteItself) {
  EXPECT_FALSE(list_->check(block_subject("ada"), "").value());
  const auto added = list_->add(block_entry(EntryType::user, MatchType::exact, "ada"));
  ASSERT_TRUE(added);
  EXPECT_TRUE(list_->check(block_subject("ada"), "").value());
  ASSERT_TRUE(list_->remove(added->id, "me"));
  EXPECT_FALSE(list_->check(block_subject("ada"), "").value());
  ASSERT_EQ(list_->add_all({block_entry(EntryType::user, MatchType::exact, "ada")}).value(), 1);
  EXPECT_TRUE(list_->check(block_subject("ada"), "").value());
  EXPECT_FALSE(list_->check({"mastodon", "7", "bo", "", {}, {}, "a.example"}, "").value());
  ASSERT_TRUE(list_->keep_fingerprint({"mastodon", "a.example", "7", ""}));
  EXPECT_TRUE(list_->check({"mastodon", "7", "bo", "", {}, {}, "a.example"}, "").value());
}

TEST_P(BlocklistStore, ReplacesWhatExpiredAndExtendsWhatEndsEarlier) {
  auto passing = block_entry(EntryType::domain, MatchType::exact, "spam.example");
  passing.expires_at = clock_.now() + std::chrono::hours(1);
  const auto first = list_->add(passing);
  ASSERT_TRUE(first);
  EXPECT_EQ(list_->add(passing).error().kind, ErrorKind::conflict);
  passing.expires_at = clock_.now() + std::chrono::hours(2);
  const auto longer = list_->add(passing);
  ASSERT_TRUE(longer) << longer.error().message;
  EXPECT_EQ(longer->id, first->id);
  EXPECT_EQ(longer->expires_at, passing.expires_at);
  clock_.advance(std::chrono::hours(3));
  auto lasting = block_entry(EntryType::domain, MatchType::exact, "spam.example");
  lasting.reason = "again";
  ASSERT_EQ(list_->add_all({lasting}).value(), 1);
  ASSERT_EQ(list_->all()->size(), 1);
  EXPECT_EQ(list_->all()->front().reason, "again");
  EXPECT_FALSE(list_->all()->front().expires_at);
  passing.expires_at = clock_.now() + std::chrono::hours(1);
  EXPECT_EQ(list_->add(passing).error().kind, ErrorKind::conflict) << "the one for good stays";
}

TEST_P(BlocklistStore, IsInTheAuditTrailWithoutWhatItSays) {
  auto one = block_entry(EntryType::keyword, MatchType::exact, "lemon");
  one.added_by_user = "bo";
  const auto added = list_->add(one);
  ASSERT_TRUE(added);
  EXPECT_FALSE(list_->add(one));  // nothing happened
  auto other = block_entry(EntryType::keyword, MatchType::exact, "lemonade");
  other.added_by_user = "bo";
  ASSERT_TRUE(list_->add_all({other, one}));
  ASSERT_TRUE(list_->remove(added->id, "bo"));
  auto reader = (*database_)->reader();
  const auto trail = list_audit(**reader, {}).value();
  ASSERT_EQ(trail.size(), 3);
  EXPECT_EQ(trail[2].details.at("what"), "blocklist_added");
  EXPECT_EQ(trail[2].details.at("entry").as_string(), std::string_view(added->id));
  EXPECT_EQ(trail[1].details.at("what"), "blocklist_imported");
  EXPECT_EQ(trail[1].details.at("added"), 1);
  EXPECT_EQ(trail[0].details.at("what"), "blocklist_removed");
  for (const auto& row : trail) {
    EXPECT_EQ(row.actor, "bo");
    EXPECT_EQ(boost::json::serialize(to_json(row)).find("lemon"), std::string::npos);
  }
}

INSTANTIATE_TEST_SUITE_P(Engines, BlocklistStore,
                         testing::Values(store::Engine::sqlite, store::Engine::postgres), test::engine_name);

}  // namespace
}  // namespace linnet::govern
