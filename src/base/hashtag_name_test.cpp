#include "base/hashtag_name.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace linnet {
namespace {

using testing::ElementsAre;

TEST(HashtagName, every_unicode_form_of_a_word_is_one_tag) {
  EXPECT_EQ(hashtag_name("Caf\u00E9"), "caf\u00E9");
  EXPECT_EQ(hashtag_name("Cafe\u0301"), "caf\u00E9");                     // NFD
  EXPECT_EQ(hashtag_name("\uFF23\uFF21\uFF34"), "cat");                   // full width
  EXPECT_EQ(hashtag_name("\uFF76\uFF9E"), "\u30AC");                      // half-width kana
  EXPECT_EQ(hashtag_name("\u0391\u03A3"), hashtag_name("\u03B1\u03C2"));  // both sigmas
  EXPECT_EQ(hashtag_name("STRA\u1E9EE"), "stra\u00DFe");                  // simple folding
  EXPECT_EQ(hashtag_name("#Books"), "books");
  EXPECT_EQ(hashtag_name("\uFF03Books "), "books");
  EXPECT_EQ(hashtag_name(""), "");
}

TEST(HashtagName, a_word_with_accents_is_looked_for_as_mastodon_keeps_it_too) {
  EXPECT_THAT(hashtag_names("Caf\u00E9"), ElementsAre("caf\u00E9", "cafe"));
  EXPECT_THAT(hashtag_names("\u0141\u00F3d\u017A"), ElementsAre("\u0142\u00F3d\u017A", "lodz"));
  EXPECT_THAT(hashtag_names("sm\u00F8rrebr\u00F8d"), ElementsAre("sm\u00F8rrebr\u00F8d", "smorrebrod"));
  EXPECT_THAT(hashtag_names("cafe"), ElementsAre("cafe"));
  EXPECT_THAT(hashtag_names("stra\u00DFe"), ElementsAre("stra\u00DFe"));
  EXPECT_THAT(hashtag_names("\u65E5\u672C"), ElementsAre("\u65E5\u672C"));
}

}  // namespace
}  // namespace linnet
