// Word diffs: that they read well, and that they always lead from one text to the other.
#include "analyze/word_diff.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace linnet::analyze {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Kind = WordChange::Kind;

std::string joined_without(const std::vector<WordChange>& changes, Kind left_out) {
  std::string text;
  for (const auto& change : changes) {
    if (change.kind != left_out) text += change.text;
  }
  return text;
}

void expect_leads(const std::string& before, const std::string& after) {
  const auto changes = diff_words(before, after);
  EXPECT_EQ(joined_without(changes, Kind::add), before);
  EXPECT_EQ(joined_without(changes, Kind::remove), after);
}

WordChange same(std::string text) {
  return {Kind::same, std::move(text)};
}
WordChange removed(std::string text) {
  return {Kind::remove, std::move(text)};
}
WordChange added(std::string text) {
  return {Kind::add, std::move(text)};
}

TEST(WordDiff, shows_the_word_that_changed) {
  EXPECT_THAT(diff_words("I love cats.", "I love dogs."),
              ElementsAre(same("I love "), removed("cats"), added("dogs"), same(".")));
  EXPECT_THAT(diff_words("one two", "one big two"), ElementsAre(same("one "), added("big "), same("two")));
  EXPECT_THAT(diff_words("one big two", "one two"), ElementsAre(same("one "), removed("big "), same("two")));
}

TEST(WordDiff, takes_neighbouring_words_together) {
  EXPECT_THAT(diff_words("see the red house now", "see a blue house now"),
              ElementsAre(same("see "), removed("the red"), added("a blue"), same(" house now")));
}

TEST(WordDiff, of_equal_and_empty_texts) {
  EXPECT_THAT(diff_words("", ""), IsEmpty());
  EXPECT_THAT(diff_words("same", "same"), ElementsAre(same("same")));
  EXPECT_THAT(diff_words("", "new"), ElementsAre(added("new")));
  EXPECT_THAT(diff_words("old", ""), ElementsAre(removed("old")));
}

TEST(WordDiff, does_not_cut_words_of_other_scripts) {
  EXPECT_THAT(diff_words("Grüße aus Köln", "Grüße aus Kiel"),
              ElementsAre(same("Grüße aus "), removed("Köln"), added("Kiel")));
  EXPECT_THAT(diff_words("👨‍👩‍👧 hi", "👨‍👩‍👦 hi"),
              ElementsAre(removed("👨‍👩‍👧"), added("👨‍👩‍👦"), same(" hi")));
  expect_leads("今日は天気がいいです", "明日は天気が悪いです");
}

TEST(WordDiff, changes_as_few_words_as_possible) {
  const auto changes = diff_words("a b c a b b a", "c b a b a c");
  std::size_t touched = 0;
  for (const auto& change : changes) {
    if (change.kind == Kind::same) continue;
    touched += static_cast<std::size_t>(
        std::count_if(change.text.begin(), change.text.end(), [](char c) { return c != ' '; }));
  }
  EXPECT_EQ(touched, 5U);  // The example of Myers' paper.
}

TEST(WordDiff, gives_up_on_detail_in_huge_texts_only) {
  std::string before = "begin ";
  std::string after = "begin ";
  for (int i = 0; i < 20'000; ++i) {
    before += "a" + std::to_string(i) + " ";
    after += "b" + std::to_string(i) + " ";
  }
  const auto changes = diff_words(before + "end", after + "end");
  ASSERT_EQ(changes.size(), 4U);
  EXPECT_EQ(changes.front(), same("begin "));
  EXPECT_EQ(changes.back(), same(" end"));
  expect_leads(before, after);

  std::string near = before;
  near.replace(near.find("a777 "), 4, "changed");
  EXPECT_EQ(diff_words(before, near).size(), 4U);
}

rc::Gen<std::string> sentence() {
  const auto word = rc::gen::element<std::string>("a", "b", "c", " ", " ", "\n", "word", "Wort", "漢字", "é",
                                                  "e\u0301", "😀", "👍🏽", ".", "#tag", "\xFF", "\xC3");
  return rc::gen::map(rc::gen::container<std::vector<std::string>>(word),
                      [](const std::vector<std::string>& words) {
                        std::string text;
                        for (const auto& w : words) text += w;
                        return text;
                      });
}

RC_GTEST_PROP(WordDiff, leads_from_one_text_to_the_other, ()) {
  const auto before = *sentence();
  const auto after = *sentence();
  const auto changes = diff_words(before, after);
  RC_ASSERT(joined_without(changes, Kind::add) == before);
  RC_ASSERT(joined_without(changes, Kind::remove) == after);
  for (std::size_t i = 1; i < changes.size(); ++i) RC_ASSERT(changes[i].kind != changes[i - 1].kind);
}

RC_GTEST_PROP(WordDiff, a_text_does_not_differ_from_itself, ()) {
  const auto text = *sentence();
  for (const auto& change : diff_words(text, text)) RC_ASSERT(change.kind == Kind::same);
}

}  // namespace
}  // namespace linnet::analyze
