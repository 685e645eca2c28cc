// UTF-8 that may be broken, case folding, cutting and trimming.
#include "base/text.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <unicode/utf8.h>

namespace linnet {
namespace {

void append_utf8(std::string& out, std::int32_t c) {
  std::uint8_t bytes[U8_MAX_LENGTH];
  std::int32_t length = 0;
  U8_APPEND_UNSAFE(bytes, length, c);
  out.append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(length));
}

TEST(Text, knows_broken_utf8) {
  for (const std::string_view text : {"", "plain", "é", "漢字", "😀", "\xF4\x8F\xBF\xBF"}) {
    EXPECT_TRUE(is_valid_utf8(text)) << text;
  }
  for (const std::string_view text :
       {"\x80", "\xC3", "\xC0\xAF", "\xE2\x82", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xFF", "a\xC3(b"}) {
    EXPECT_FALSE(is_valid_utf8(text)) << text;
  }
}

TEST(Text, mends_what_is_broken) {
  EXPECT_EQ(to_valid_utf8("a\xFF"
                          "b"),
            "a\uFFFDb");
  EXPECT_EQ(to_valid_utf8(std::string_view("a\0b", 3)), "a\uFFFDb");
  EXPECT_EQ(to_valid_utf8("gr\xC3\xBC\xC3"), "grü\uFFFD");
}

RC_GTEST_PROP(Text, mending_gives_valid_text_and_leaves_it_then, (const std::string& bytes)) {
  const auto mended = to_valid_utf8(bytes);
  RC_ASSERT(is_valid_utf8(mended));
  RC_ASSERT(mended.find('\0') == std::string::npos);
  RC_ASSERT(to_valid_utf8(mended) == mended);
  if (is_valid_utf8(bytes) && bytes.find('\0') == std::string::npos) RC_ASSERT(mended == bytes);
}

TEST(Text, folds_case_in_any_language) {
  EXPECT_EQ(fold_case("Caturday"), "caturday");
  EXPECT_EQ(fold_case("ÄÖÜ Straße ΣΊΣΥΦΟΣ"), "äöü straße σίσυφοσ");
  EXPECT_EQ(fold_case("ПРИВЕТ"), "привет");
  EXPECT_EQ(fold_case("İI"), "İi");  // Simple folding has no entry for the dotted capital I.
}

TEST(Text, compares_what_looks_the_same) {
  EXPECT_EQ(comparable("SPAM"), "spam");
  EXPECT_EQ(comparable("Ｓｐａｍ"), "spam");
  EXPECT_EQ(comparable("s\u200Bp\u00ADam"), "spam");
  EXPECT_EQ(comparable("GRÖSSE"), comparable("Gro\u0308ße"));
  EXPECT_EQ(comparable("ﬁn"), "fin");
  EXPECT_EQ(comparable("\xFFz"), "\uFFFDz");
  EXPECT_EQ(to_nfc("e\u0301 ﬁ"), "é ﬁ");
  EXPECT_EQ(to_nfkc("E\u0301 ﬁ Ａ"), "É fi A");
}

RC_GTEST_PROP(Text, a_form_stays_as_it_is, ()) {
  std::string text;
  for (const auto c : *rc::gen::container<std::vector<std::int32_t>>(rc::gen::inRange(1, 0x110000)))
    append_utf8(text, c);
  for (auto* const form : {&comparable, &to_nfc, &to_nfkc}) {
    const auto once = form(text);
    RC_ASSERT(is_valid_utf8(once));
    RC_ASSERT(form(once) == once);
  }
}

RC_GTEST_PROP(Text, folding_twice_is_folding_once, (const std::string& bytes)) {
  const auto folded = fold_case(bytes);
  RC_ASSERT(fold_case(folded) == folded);
  RC_ASSERT(is_valid_utf8(folded));
}

TEST(Text, cuts_between_code_points) {
  EXPECT_EQ(truncate_utf8("abc", 5), "abc");
  EXPECT_EQ(truncate_utf8("abc", 2), "ab");
  EXPECT_EQ(truncate_utf8("a😀", 4), "a");
  EXPECT_EQ(truncate_utf8("a😀", 5), "a😀");
  EXPECT_EQ(truncate_utf8("😀", 0), "");
}

RC_GTEST_PROP(Text, what_is_cut_is_a_valid_beginning, (const std::string& bytes)) {
  const auto text = to_valid_utf8(bytes);
  const auto size = *rc::gen::inRange<std::size_t>(0, text.size() + 2);
  const auto cut = truncate_utf8(text, size);
  RC_ASSERT(cut.size() <= size);
  RC_ASSERT(text.substr(0, cut.size()) == cut);
  RC_ASSERT(is_valid_utf8(cut));
  RC_ASSERT(cut.size() + 3 >= std::min(size, text.size()));
}

TEST(Text, trims_white_space_of_any_kind) {
  EXPECT_EQ(trim("  a b \n"), "a b");
  EXPECT_EQ(trim("\u00A0\u3000a\u2003"), "a");
  EXPECT_EQ(trim("\u200Ba"), "\u200Ba");  // A zero-width space is none to Unicode.
  EXPECT_EQ(trim(" \t\u2028 "), "");
  EXPECT_EQ(trim(""), "");
  EXPECT_EQ(trim("\xFF \xFF"), "\xFF \xFF");
}

}  // namespace
}  // namespace linnet
