// Search in many languages: segmentation, queries, and both together in a real FTS5 index.
#include "analyze/search_text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <sqlite3.h>

#include <memory>
#include <sstream>

#include "analyze/search_query.hpp"
#include "base/text.hpp"

namespace linnet::analyze {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(SegmentForSearch, of_plain_words) {
  EXPECT_EQ(segment_for_search("Hello, World! It's 3.14"), "hello world it s 3 14");
  EXPECT_EQ(segment_for_search("https://www.Example.org/a-b?c=d#e"), "https www example org a b c d e");
  EXPECT_EQ(segment_for_search("#CamelCase @ada@x.example snake_case"), "camelcase ada x example snake case");
  EXPECT_EQ(segment_for_search(""), "");
  EXPECT_EQ(segment_for_search(" .,;- "), "");
}

TEST(SegmentForSearch, folds_case_accents_and_forms) {
  EXPECT_EQ(segment_for_search("Crème BRÛLÉE Straße"), "creme brulee strasse");
  EXPECT_EQ(segment_for_search("ＦＵＬＬ ﬁne ① cafe\u0301"), "full fine 1 cafe");
  EXPECT_EQ(segment_for_search("Ξενοδοχείο ΣΊΣΥΦΟΣ Ёлка Żółć"), "ξενοδοχειο σισυφοσ елка zołc");
  EXPECT_EQ(segment_for_search("مُحَمَّد שָׁלוֹם"), "محمد שלום");
}

TEST(SegmentForSearch, keeps_the_marks_that_are_letters) {
  EXPECT_EQ(segment_for_search("हिन्दी में"), "हिन्दी में");
  EXPECT_EQ(segment_for_search("தமிழ்"), "தமிழ்");
}

TEST(SegmentForSearch, pairs_characters_where_no_blank_parts_words) {
  EXPECT_EQ(segment_for_search("東京都"), "東京 京都 都");
  EXPECT_EQ(segment_for_search("猫"), "猫");
  EXPECT_EQ(segment_for_search("ﾊﾟｿｺﾝ"), "パソ ソコ コン ン");
  EXPECT_EQ(segment_for_search("C++と東京タワーで2026年"), "c と東 東京 京タ タワ ワー ーで で 2026 年");
  EXPECT_EQ(segment_for_search("ที่นี่"), "ที่นี่ นี่");
  EXPECT_EQ(segment_for_search("서울에서"), "서울 울에 에서 서");
}

TEST(SegmentForSearch, each_emoji_is_a_token) {
  EXPECT_EQ(segment_for_search("yes😀😀 ❤️ 👍🏽"), "yes 😀 😀 ❤ 👍 🏽");
  EXPECT_EQ(segment_for_search("👩‍💻"), "👩 💻");
}

TEST(SegmentForSearch, cuts_tokens_that_are_no_words) {
  const auto segmented =
      segment_for_search(std::string(100'000, 'x') + " y " + "é" + std::string(1'000, 'z'));
  EXPECT_LT(segmented.size(), 300U);
  EXPECT_NE(segmented.find(" y "), std::string::npos);
}

// An index as the store would have it.
class Fts5 : public testing::Test {
 protected:
  void SetUp() override {
    sqlite3* opened = nullptr;
    ASSERT_EQ(sqlite3_open(":memory:", &opened), SQLITE_OK);
    database_.reset(opened);
    ASSERT_EQ(run("CREATE VIRTUAL TABLE texts USING fts5(text, tokenize = 'ascii')"), SQLITE_OK);
  }

  void put(std::string_view text) { run("INSERT INTO texts VALUES (?1)", segment_for_search(text)); }

  // How many texts match; -1 if the expression is an error.
  int matches(std::string_view query) {
    rows_ = 0;
    const auto parsed = parse_search_query(query);
    if (!parsed) return 0;
    const auto match = to_fts5_match(*parsed);
    if (match.empty()) return 0;
    return run("SELECT 1 FROM texts WHERE texts MATCH ?1", match) == SQLITE_OK ? rows_ : -1;
  }

 private:
  int run(const char* sql, const std::string& argument = {}) {
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(database_.get(), sql, -1, &statement, nullptr) != SQLITE_OK) return SQLITE_ERROR;
    sqlite3_bind_text(statement, 1, argument.c_str(), static_cast<int>(argument.size()), SQLITE_TRANSIENT);
    while (sqlite3_step(statement) == SQLITE_ROW) ++rows_;
    return sqlite3_finalize(statement);
  }

  std::unique_ptr<sqlite3, decltype(&sqlite3_close)> database_{nullptr, &sqlite3_close};
  int rows_ = 0;
};

TEST_F(Fts5, finds_words_of_many_languages) {
  put("I ate a Crème brûlée in Zürich 😀");
  put("昨日東京都庁に行きました。猫がいた");
  put("โรงแรมที่กรุงเทพฯ");
  put("서울에서 만나요");
  put("https://blog.example.org/linnet-1.0");
  for (const std::string_view query :
       {"creme", "CRÈME", "\"brulee in zurich\"", "😀", "zür*", "東京", "東京都", "都庁", "京", "猫",
        "東京都庁に行", "た", "กรุงเทพ", "서울", "만나", "blog.example.org", "linnet-1.0", "ate -東京",
        "\"a creme\""}) {
    EXPECT_EQ(matches(query), 1) << query;
  }
  for (const std::string_view query :
       {"zur", "京東", "東庁", "\"brulee creme\"", "ate -creme", "犬", "😭", "서만"}) {
    EXPECT_EQ(matches(query), 0) << query;
  }
}

RC_GTEST_FIXTURE_PROP(Fts5, no_query_is_an_error, (const std::string& bytes)) {
  SetUp();
  put("something");
  const auto signs =
      *rc::gen::container<std::string>(rc::gen::elementOf(std::string("\"'*-+^():#ab ANDORT{}|&!<>\\,.")));
  RC_ASSERT(matches(bytes) >= 0);
  RC_ASSERT(matches(signs) >= 0);
}

rc::Gen<std::string> multilingual() {
  const auto piece =
      rc::gen::element<std::string>("東", "京", "都", "の", "ー", "ｶ", "ﾞ", "ไ", "ที่", "서", "울", "a", "B",
                                    "é", "e\u0301", "ß", " ", ".", "1", "😀", "👍🏽", "ि", "हि", "\u200D");
  return rc::gen::map(rc::gen::container<std::vector<std::string>>(piece),
                      [](const std::vector<std::string>& pieces) {
                        std::string text;
                        for (const auto& p : pieces) text += p;
                        return text;
                      });
}

RC_GTEST_PROP(SegmentForSearch, is_clean_and_stable, ()) {
  const auto segmented = segment_for_search(*multilingual());
  RC_ASSERT(is_valid_utf8(segmented));
  RC_ASSERT(trim(segmented) == segmented);
  RC_ASSERT(segmented.find("  ") == std::string::npos);
  RC_ASSERT(segmented.find_first_of("\"'*()-:\\") == std::string::npos);
}

RC_GTEST_PROP(SegmentForSearch, any_bytes_are_harmless, (const std::string& bytes)) {
  RC_ASSERT(is_valid_utf8(segment_for_search(bytes)));
}

// Whatever one quotes out of a text, at a character's border, is found in it.
RC_GTEST_PROP(SegmentForSearch, what_is_quoted_from_a_text_is_found, ()) {
  const auto word =
      rc::gen::element<std::string>("東", "京", "都", "の", "ー", "서", "울", "ที่", " a ", " b ", " 😀 ");
  const auto words = *rc::gen::nonEmpty(rc::gen::container<std::vector<std::string>>(word));
  const auto from = *rc::gen::inRange<std::size_t>(0, words.size());
  const auto to = *rc::gen::inRange<std::size_t>(from, words.size()) + 1;
  std::string text;
  std::string quoted;
  for (std::size_t i = 0; i < words.size(); ++i) {
    text += words[i];
    if (i >= from && i < to) quoted += words[i];
  }
  std::vector<std::string> tokens;
  std::istringstream segmented(segment_for_search(text));
  for (std::string token; segmented >> token;) tokens.push_back(token);
  const auto query = parse_search_query('"' + quoted + '"');
  RC_ASSERT(query && query->phrases.size() == 1U);
  const auto& wanted = query->phrases[0];
  const auto found =
      std::search(tokens.begin(), tokens.end(), wanted.tokens.begin(), wanted.tokens.end(),
                  [&](const std::string& have, const std::string& want) {
                    const bool is_last = &want == &wanted.tokens.back();
                    return is_last && wanted.last_is_prefix ? have.starts_with(want) : have == want;
                  });
  RC_ASSERT(found != tokens.end());
}

}  // namespace
}  // namespace linnet::analyze
