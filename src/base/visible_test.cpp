#include "base/visible.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/text.hpp"

namespace linnet {
namespace {

TEST(Visible, ShowsWhatWouldSteerATerminal) {
  EXPECT_EQ(visible("\x1b]0;pwned\x07"), "\\x1b]0;pwned\\x07");
  EXPECT_EQ(visible("a\nb\r\tc\x7f"), "a\\nb\\r\\tc\\x7f");
  EXPECT_EQ(visible("\u009b31m"), "\\u009b31m");
  EXPECT_EQ(visible("\u202eevil\u2066\u200f\u061c\u2028\u2029"),
            "\\u202eevil\\u2066\\u200f\\u061c\\u2028\\u2029");
  EXPECT_EQ(visible(std::string_view("\0", 1)), "\\x00");
  EXPECT_EQ(visible("\x9b\xff\xed\xa0\x80"), "\\x9b\\xff\\xed\\xa0\\x80") << "what is no UTF-8";
}

TEST(Visible, LeavesEverythingElse) {
  for (const char* text :
       {"", "Grüße, 世界 👩‍👩‍👧‍👦", "عربى", "a b", "\\x1b", "e\u0301"})
    EXPECT_EQ(visible(text), text);
  EXPECT_EQ(visible("a\n\tb\x1b", LineBreaks::kept), "a\n\tb\\x1b");
}

RC_GTEST_PROP(Visible, NothingIsLeftThatSteers, (const std::string& text)) {
  const auto shown = visible(text);
  RC_ASSERT(is_valid_utf8(shown));
  RC_ASSERT(visible(shown) == shown);
  for (const char c : shown) RC_ASSERT(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
}

TEST(Visible, ACharacterIsNotCut) {
  for (const std::string text : {"a", "ü", "世", "👩"}) {
    EXPECT_EQ(whole_characters("x" + text), 1 + text.size());
    for (std::size_t cut = 1; cut < text.size(); ++cut)
      EXPECT_EQ(whole_characters("x" + text.substr(0, cut)), 1U);
  }
  EXPECT_EQ(whole_characters(""), 0U);
  EXPECT_EQ(whole_characters("\x80\x80\x80\x80\x80"), 5U) << "no beginning of anything";
}

}  // namespace
}  // namespace linnet
