// A sum that is described once is kept, counted again and proven, whatever it adds up.
#include "observe/kept_sum.hpp"

#include <gtest/gtest.h>

#include "kit/test_database.hpp"

namespace linnet::observe {
namespace {

// What each account wrote, as the ledger of a room yet to come may have it.
const KeptSum& words_of_accounts() {
  static const KeptSum sum{
      .in_words = "what accounts wrote adds up",
      .table = "kept_words",
      .keys = {"instance_id", "account"},
      .sums = {"texts", "words"},
      .recount =
          "SELECT t.instance_id, t.account, count(*), sum(t.words) FROM kept_texts t WHERE t.words >= "
          "0{and} GROUP BY t.instance_id, t.account",
      .of_row = " AND t.instance_id = $1 AND t.account = $2",
  };
  return sum;
}
const SumKeeper& keeper_of_words() {
  static const SumKeeper keeper(words_of_accounts());
  return keeper;
}

class KeptSumTest : public testing::TestWithParam<store::Engine> {
 protected:
  void SetUp() override {
    LINNET_SKIP_WITHOUT(GetParam());
    database_ = std::make_unique<test::TestDatabase>(GetParam());
    connection_ = std::move((*database_)->connect(store::Part::tables)).value();
    execute("CREATE TABLE kept_texts (instance_id BIGINT, account BIGINT, words BIGINT)");
    execute(
        "CREATE TABLE kept_words (instance_id BIGINT, account BIGINT, texts BIGINT NOT NULL, words BIGINT "
        "NOT "
        "NULL, PRIMARY KEY (instance_id, account))");
  }
  void execute(std::string_view sql) {
    const auto done = connection_->execute(sql);
    EXPECT_TRUE(done) << done.error().message;
  }
  std::int64_t number(std::string_view sql) {
    const auto result = store::query_integer(*connection_, sql);
    EXPECT_TRUE(result) << result.error().message;
    return result ? result->value_or(-1) : -1;
  }
  void add(std::int64_t account, std::int64_t texts, std::int64_t words) {
    store::RowBatch differences(4);
    store::RowBatch emptied(3);
    differences.add_row(std::int64_t{1}, account, texts, words);
    if (texts < 0) emptied.add_row(std::int64_t{1}, account, std::int64_t{0});
    const auto done = keeper_of_words().add(*connection_, differences, emptied);
    EXPECT_TRUE(done) << done.error().message;
  }
  std::int64_t differing() { return number(check_sql(words_of_accounts())); }

  std::unique_ptr<test::TestDatabase> database_;
  std::unique_ptr<store::Connection> connection_;
};

INSTANTIATE_TEST_SUITE_P(Engines, KeptSumTest,
                         testing::Values(store::Engine::sqlite, store::Engine::postgres), test::engine_name);

TEST_P(KeptSumTest, IsTheSumOfItsDifferences) {
  EXPECT_EQ(differing(), 0);
  execute("INSERT INTO kept_texts VALUES (1, 7, 3), (1, 7, 5), (1, 8, 1)");
  EXPECT_EQ(differing(), 2) << "two rows are missing";
  add(7, 1, 3);
  add(7, 1, 5);
  add(8, 1, 1);
  EXPECT_EQ(differing(), 0);
  EXPECT_EQ(number("SELECT words FROM kept_words WHERE account = 7"), 8);
  execute("UPDATE kept_words SET words = words + 1 WHERE account = 7");
  EXPECT_EQ(differing(), 2) << "one row too many, and one that should be there";
}

TEST_P(KeptSumTest, ARowThatAddsUpNothingGoes) {
  execute("INSERT INTO kept_texts VALUES (1, 7, 3)");
  add(7, 1, 3);
  execute("DELETE FROM kept_texts");
  add(7, -1, -3);
  EXPECT_EQ(number("SELECT count(*) FROM kept_words"), 0);
  EXPECT_EQ(differing(), 0);
}

TEST_P(KeptSumTest, OneRowIsCountedAgainFromWhatIsThere) {
  execute("INSERT INTO kept_texts VALUES (1, 7, 3), (1, 8, 4), (2, 7, 9)");
  execute("INSERT INTO kept_words VALUES (1, 7, 9, 99), (1, 8, 1, 4), (1, 9, 2, 2), (2, 7, 1, 9)");
  ASSERT_TRUE(count_again(*connection_, words_of_accounts(), {std::int64_t{1}, std::int64_t{7}}));
  EXPECT_EQ(number("SELECT words FROM kept_words WHERE instance_id = 1 AND account = 7"), 3);
  ASSERT_TRUE(count_again(*connection_, words_of_accounts(), {std::int64_t{1}, std::int64_t{9}}));
  EXPECT_EQ(differing(), 0);
}

}  // namespace
}  // namespace linnet::observe
