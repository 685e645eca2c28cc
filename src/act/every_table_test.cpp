// No table is forgotten when a person is erased or asks for their record, when the log is replayed, or by
// retention: each says what becomes of its rows.
#include "act/every_table.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <set>

#include "act/person_rows.hpp"
#include "govern/retention.hpp"
#include "kit/test_database.hpp"
#include "observe/every_projection.hpp"
#include "store/record/sql.hpp"

namespace linnet::act {
namespace {

using record::OfPerson;
using record::Origin;

std::set<std::string> described() {
  std::set<std::string> names;
  for (const auto* const table : every_table()) {
    EXPECT_TRUE(names.emplace(table->table).second) << table->table << " is described twice";
  }
  return names;
}

class EveryTableTest : public testing::TestWithParam<store::Engine> {
 protected:
  void SetUp() override {
    LINNET_SKIP_WITHOUT(GetParam());
    database_ = std::make_unique<test::TestDatabase>(GetParam());
  }
  std::set<std::string> there() {
    std::set<std::string> names;
    for (const auto part : {store::Part::tables, store::Part::log, store::Part::search}) {
      auto connection = std::move((*database_)->connect(part)).value();
      const auto done = store::for_each_row(
          *connection,
          GetParam() == store::Engine::sqlite ? "SELECT name FROM sqlite_master WHERE type = 'table'"
                                              : R"(SELECT table_name::text
                                                   FROM information_schema.tables
                                                   WHERE table_schema = current_schema()
                                                     AND table_type = 'BASE TABLE')",
          {}, [&](const store::Statement& row) { names.emplace(row.text(0)); });
      EXPECT_TRUE(done) << done.error().message;
    }
    std::erase_if(names, [](const std::string& name) {
      return name.starts_with("sqlite_") || name.starts_with("schema_migrations_") ||
             name.starts_with("post_search_");
    });
    return names;
  }
  std::unique_ptr<test::TestDatabase> database_;
};

INSTANTIATE_TEST_SUITE_P(Engines, EveryTableTest,
                         testing::Values(store::Engine::sqlite, store::Engine::postgres), test::engine_name);

TEST_P(EveryTableTest, IsDescribed) {
  const auto known = described();
  const auto tables = there();
  for (const auto& name : tables) {
    EXPECT_TRUE(known.contains(name)) << name << " is not in act/every_table.cpp";
  }
  for (const auto& name : known) {
    EXPECT_TRUE(tables.contains(name)) << name << " is in act/every_table.cpp, and there is no such table";
  }
}

TEST_P(EveryTableTest, HasTheColumnsAndConditionsThatItsDescriptionNames) {
  auto reader = (*database_)->reader();
  ASSERT_TRUE(reader);
  const observe::PersonAccount nobody{InstanceId(1), "mastodon", "7", "bea@social.example"};
  const auto rows = PersonRows::of(**reader, nobody);
  ASSERT_TRUE(rows);
  for (const auto* const table : every_table()) {
    if (!table->fields.empty()) {
      const auto read = store::for_each_row(**reader, record::select_sql(*table, "1 = 0"), {},
                                            [](const store::Statement&) {});
      EXPECT_TRUE(read) << read.error().message;
    }
    if (table->care.person != OfPerson::rows) continue;
    boost::json::array found;
    const auto listed = rows->list(*table, found);
    EXPECT_TRUE(listed) << table->table << ": " << listed.error().message;
  }
}

// A replay empties what projections own, and the search index with its marks.
TEST(EveryTable, ThatComesFromTheLogBelongsToAProjection) {
  std::set<std::string_view> owned{"post_search"};
  for (const auto* const projection : observe::every_projection()) {
    for (const auto& table : projection->tables()) {
      EXPECT_EQ(table.care.origin, Origin::log) << table.table;
      EXPECT_TRUE(owned.insert(table.table).second) << table.table << " has two owners";
    }
  }
  std::set<std::string_view> from_log;
  for (const auto* const table : every_table()) {
    if (table->care.origin == Origin::log) from_log.insert(table->table);
  }
  EXPECT_THAT(from_log, testing::ContainerEq(owned));
}

// What is digested and what is added up is the projection's own.
TEST(EveryTable, OfAProjectionStandsInTheDigestUnlessItFollowsBehind) {
  const std::set<std::string_view> behind{"content_changes", "post_sentiments", "message_changes"};
  for (const auto* const projection : observe::every_projection()) {
    std::set<std::string_view> owned;
    std::set<std::string_view> digested(behind);
    for (const auto& table : projection->tables()) owned.insert(table.table);
    for (const auto& rows : projection->digested()) digested.insert(rows.rows.name);
    EXPECT_THAT(digested, testing::ContainerEq(owned)) << projection->name;
    for (const auto* const sum : projection->sums()) EXPECT_TRUE(owned.contains(sum->table)) << sum->table;
  }
}

TEST(EveryTable, NamesWhatItGoesWithAndWhatRemovesIt) {
  const auto known = described();
  std::set<std::string_view> rules{"posts", "snapshots", "events of the log"};
  for (const auto& rule : govern::retention_rules()) rules.insert(rule.what);
  for (const auto* const table : every_table()) {
    const auto& care = table->care;
    if (care.person == OfPerson::with) {
      EXPECT_TRUE(known.contains(std::string(care.condition))) << table->table;
    }
    if (care.person == OfPerson::rows || care.person == OfPerson::in_code) {
      EXPECT_FALSE(care.condition.empty()) << table->table;
    }
    if (!care.kept_for.empty()) {
      EXPECT_TRUE(rules.contains(care.kept_for)) << table->table << ": " << care.kept_for;
    }
  }
}

}  // namespace
}  // namespace linnet::act
