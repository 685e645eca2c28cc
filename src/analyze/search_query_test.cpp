// What a person types: every operator, alone and excluded, and what is refused by name.
#include "analyze/search_query.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "analyze/language_tag.hpp"

namespace linnet::analyze {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

SearchPhrase phrase(std::vector<std::string> tokens, bool last_is_prefix = false) {
  return {std::move(tokens), last_is_prefix};
}

SearchQuery read(std::string_view text) {
  auto query = parse_search_query(text);
  EXPECT_TRUE(query) << text << ": " << query.error().message;
  return query ? std::move(*query) : SearchQuery();
}

TEST(ParseSearchQuery, reads_words_phrases_and_exclusions) {
  const auto query = read("cat \"Red House\" -dog -\"bad day\" run* don't");
  EXPECT_THAT(query.phrases, ElementsAre(phrase({"cat"}), phrase({"red", "house"}), phrase({"run"}, true),
                                         phrase({"don", "t"})));
  EXPECT_THAT(query.excluded, ElementsAre(phrase({"dog"}), phrase({"bad", "day"})));
}

TEST(ParseSearchQuery, reads_filters) {
  const auto query = read("From:@Ada@X.example tag:#Rust #ÄRGER #Rust lang:DE from:bob https://x.org/a:b");
  EXPECT_THAT(query.from, ElementsAre("Ada@X.example", "bob"));
  EXPECT_THAT(query.tags, ElementsAre("Rust", "ÄRGER"));
  EXPECT_THAT(query.languages, ElementsAre("-de-%"));
  EXPECT_THAT(query.phrases, ElementsAre(phrase({"https", "x", "org", "a", "b"})));
}

TEST(ParseSearchQuery, excludes_with_every_filter) {
  const auto query = read("-from:ada -#books -tag:boats -lang:pt-BR -spam*");
  EXPECT_THAT(query.not_from, ElementsAre("ada"));
  EXPECT_THAT(query.not_tags, ElementsAre("books", "boats"));
  EXPECT_THAT(query.not_languages, ElementsAre("-pt-%-br-%"));
  EXPECT_THAT(query.excluded, ElementsAre(phrase({"spam"}, true)));
  EXPECT_THAT(query.phrases, IsEmpty());
}

TEST(ParseSearchQuery, takes_what_merely_looks_like_an_operator_for_text) {
  for (const std::string_view text :
       {"12:30", "a:b", "note:", "https://x.example", "did:plc:abc", "\"has:media\"", "cats & dogs",
        "books AND boats", ":blobcat:", "a - b", "f***"}) {
    EXPECT_TRUE(parse_search_query(text)) << text;
  }
  EXPECT_EQ(read("books AND boats"), read("books boats"));
  EXPECT_TRUE(read("") == SearchQuery());
  EXPECT_TRUE(read("  ") == SearchQuery());
}

TEST(ParseSearchQuery, refuses_by_name_what_it_does_not_understand) {
  const std::pair<std::string_view, std::string_view> kRefused[] = {
      {"books has:media", "\"has:\""},
      {"-is:reply x", "\"is:\""},
      {"books OR boats", "OR"},
      {"NOT boats", "NOT"},
      {"from:", "from: expects"},
      {"x from:@", "from: expects"},
      {"tag:", "tag: expects"},
      {"tag:#", "tag: expects"},
      {"lang:", "lang: expected"},
      {"lang:german", "\"german\""},
      {"lang:%", "\"%\""},
      {"-lang:d", "\"d\""},
      {"b*ok", "asterisk"},
      {"*ing", "asterisk"},
      {"!!!", "\"!!!\""},
      {"books -!!!", "\"-!!!\""},
      {"\" - * # ()", "no word"},
  };
  for (const auto& [text, named] : kRefused) {
    const auto query = parse_search_query(text);
    ASSERT_FALSE(query) << text;
    EXPECT_EQ(query.error().kind, ErrorKind::invalid) << text;
    EXPECT_THAT(query.error().message, HasSubstr(std::string(named))) << text;
  }
}

RC_GTEST_PROP(ParseSearchQuery, keeps_no_empty_phrase_whatever_was_typed, (const std::string& bytes)) {
  const auto query = parse_search_query(bytes);
  if (!query) return;
  for (const auto& list : {query->phrases, query->excluded}) {
    for (const auto& one : list) RC_ASSERT(!one.tokens.empty());
  }
}

TEST(ToFts5Match, quotes_everything) {
  EXPECT_EQ(to_fts5_match(read("a \"AND\" b*")), R"("a" AND "and" AND "b" *)");
  EXPECT_EQ(to_fts5_match(read("\"a b\" -c -\"d e\"")), R"(("a b") NOT "c" NOT "d e")");
  EXPECT_EQ(to_fts5_match(read("-c")), "");
  EXPECT_EQ(to_fts5_any(read("-c -\"d e\"").excluded), R"("c" OR "d e")");
  EXPECT_EQ(to_fts5_match(read("東京都 猫")), R"("東京 京都" AND "猫" *)");
}

TEST(ToTsquery, quotes_everything) {
  EXPECT_EQ(to_tsquery(read("a \"b c\" -d e*")), "'a' & ('b' <-> 'c') & 'e':* & !'d'");
  EXPECT_EQ(to_tsquery_any(read("-d -\"e f\"").excluded), "'d' | ('e' <-> 'f')");
  EXPECT_EQ(to_tsvector("red house red"), "'red':1 'house':2 'red':3");
  EXPECT_EQ(to_tsvector(""), "");
}

TEST(IsInLanguage, compares_part_by_part) {
  for (const std::string_view tag : {"de", "DE", "de-AT", "de_CH", "de-Latn-DE", "De-1996"})
    EXPECT_TRUE(is_in_language(tag, "de")) << tag;
  for (const std::string_view tag : {"den", "d", "", "nds", "en-DE", "-de"})
    EXPECT_FALSE(is_in_language(tag, "de")) << tag;
  EXPECT_TRUE(is_in_language("zh-Hant-TW", "zh-tw"));
  EXPECT_TRUE(is_in_language("zh-Hant-TW", "ZH_Hant"));
  EXPECT_FALSE(is_in_language("zh-Hans-CN", "zh-TW"));
  EXPECT_FALSE(is_in_language("de", "de-AT"));
}

}  // namespace
}  // namespace linnet::analyze
