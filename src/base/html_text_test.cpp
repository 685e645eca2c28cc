// The text of a post's HTML, on what servers send and on what they should not.
#include "base/html_text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/html_entities.hpp"
#include "base/text.hpp"

namespace linnet {
namespace {

using testing::HasSubstr;

struct Case {
  std::string_view html;
  std::string_view text;
};

void expect_all(std::initializer_list<Case> cases) {
  for (const auto& c : cases) EXPECT_EQ(html_to_text(c.html), c.text) << c.html;
}

TEST(HtmlText, parts_paragraphs_and_lines) {
  expect_all({
      {"<p>Toot!</p>", "Toot!"},
      {"<p>a<br>b<br/>c<br />d</p>", "a\nb\nc\nd"},
      {"<p>a<br><br>b</p>", "a\n\nb"},
      {"<p>a</p><p>b</p>", "a\n\nb"},
      {"<p>a</p>\n  <p>b</p>\n", "a\n\nb"},
      {"<p>a</p><p></p><p>b</p>", "a\n\nb"},
      {"<p>a</p><blockquote><p>b</p></blockquote><p>c</p>", "a\n\nb\n\nc"},
      {"<div>a</div><div>b</div>", "a\nb"},
      {"<h1>Title</h1><div>b</div>", "Title\nb"},
      {"<p>a</p><ul><li>x</li><li>y</li></ul><p>b</p>", "a\n\nx\ny\n\nb"},
      {"<ul><li>x<li>y</ul>", "x\ny"},
      {"a<br><div>b</div>", "a\nb"},
      {"<pre>  if x\n    y</pre>z", "if x\n    y\nz"},
      {"no markup at all", "no markup at all"},
      {"", ""},
      {"<p></p><br>", ""},
      {" \n <p>  a  b \xC2\xA0</p> ", "a  b"},
  });
}

TEST(HtmlText, parts_cells_and_every_kind_of_block) {
  expect_all({
      {"<table><tr><td>a</td><td>b</td></tr><tr><td>c</td><td>d</td></tr></table>", "a\tb\nc\td"},
      {"<table>\n <tr>\n  <th>a</th>\n  <th>b</th>\n </tr>\n</table>\n<p>z</p>", "a\tb\n\nz"},
      {"<table><tr><td>a<td>b<tr><td>c</table>", "a\tb\nc"},
      {"<table><caption>t</caption><thead><tr><th>a</th></tr></thead><tbody><tr><td>b</td></tr></tbody></"
       "table>",
       "t\na\nb"},
      {"<table><tr><td>a</td><td></td><td>c</td></tr></table>", "a\t\tc"},
      {"<table><tr><td>#nobot</td><td>x</td></tr></table>", "#nobot\tx"},
      {"a<article>b</article>c", "a\nb\nc"},
  });
  for (const std::string tag :
       {"address", "article",  "aside",      "center",   "dd",     "details", "dialog",  "div",    "dl",
        "dt",      "fieldset", "figcaption", "figure",   "footer", "form",    "header",  "hgroup", "legend",
        "main",    "menu",     "nav",        "optgroup", "option", "search",  "section", "summary"}) {
    const auto block = "<" + tag + ">x</" + tag + ">";
    EXPECT_EQ(html_to_text("a" + block + "b"), "a\nx\nb") << tag;
  }
}

TEST(HtmlText, keeps_links_whole) {
  EXPECT_EQ(
      html_to_text(R"(<p>See <a href="https://www.example.org/a/b?c=d" rel="nofollow noopener">)"
                   R"(<span class="invisible">https://www.</span><span class="ellipsis">example.org/a</span>)"
                   R"(<span class="invisible">/b?c=d</span></a></p>)"),
      "See https://www.example.org/a/b?c=d");
  EXPECT_EQ(
      html_to_text(
          R"(<p><span class="h-card"><a href="https://x.example/@ada">@<span>ada</span></a></span> hi</p>)"),
      "@ada hi");
}

TEST(HtmlText, decodes_character_references) {
  expect_all({
      {"Tom &amp; Jerry &lt;3 &gt; &quot;x&quot; it&#39;s", "Tom & Jerry <3 > \"x\" it's"},
      {"&eacute;&mdash;&hellip;&nbsp;x&rarr;", "é—…\xC2\xA0x→"},
      {"&copy 2026 &notit; &notin; &AMP", "© 2026 ¬it; ∉ &"},
      {"&bne;&NewLine;x&vert;y", "=\xE2\x83\xA5\nx|y"},
      {"&#x1F600;&#128512;&#X41;&#65", "😀😀AA"},
      {"&#x80;&#150;&#x9f;", "€–Ÿ"},
      {"&#0;&#xD800;&#x110000;&#99999999999999999999;", "\uFFFD\uFFFD\uFFFD\uFFFD"},
      {"& &; &# &#; &#x; &bogus; &am", "& &; &# &#; &#x; &bogus; &am"},
      {"&amp;amp; &amp;lt;b&amp;gt;", "&amp; &lt;b&gt;"},
      {"R&D AT&T", "R&D AT&T"},
  });
  EXPECT_EQ(decode_entities("?a=1&copy=2&lt;", EntityContext::attribute), "?a=1&copy=2<");
}

TEST(HtmlText, leaves_out_what_a_page_does_not_show) {
  expect_all({
      {"a<!-- <p>hidden</p> -->b", "ab"},
      {"a<!-->b", "ab"},
      {"a<!--->b", "ab"},
      {"a<!-- x --!>b", "ab"},
      {"a<!-- never closed", "a"},
      {"a<![CDATA[x]]>b", "ab"},
      {"<?php x ?>a<!DOCTYPE html>b", "ab"},
      {"a<script>if (x < y) alert('</p>')</script>b", "ab"},
      {"a<STYLE>p{}</StYlE >b", "ab"},
      {"a<script>never closed </scripty> b", "a"},
      {"a<iframe src=x>inside</iframe>b", "ab"},
  });
}

TEST(HtmlText, survives_broken_markup) {
  expect_all({
      {"1 < 2 and 3 <4 <", "1 < 2 and 3 <4 <"},
      {"I <3 you", "I <3 you"},
      {"<p>a<b>c", "ac"},
      {"a</b></i></>b", "ab"},
      {"a</p>b", "a\n\nb"},
      {"a<b", "a"},
      {"a<b title='x", "a"},
      {R"(<a title="a>b" x = 'c>d' y=e/f>g)", "g"},
      {R"(<a ="x>y)", "y"},
      {"</", "</"},
      {"<", "<"},
  });
  EXPECT_EQ(html_to_text(std::string_view("a\0b", 3)), "a\uFFFDb");
  EXPECT_EQ(html_to_text("a\r\nb\rc"), "a\nb\nc");
}

TEST(HtmlText, nesting_is_harmless) {
  std::string html;
  for (int i = 0; i < 10'000; ++i) html += "<div><blockquote><p>";
  html += "deep";
  for (int i = 0; i < 200'000; ++i) html += "<a <!-- &";
  EXPECT_THAT(html_to_text(html), HasSubstr("deep"));
}

TEST(HtmlText, reuses_what_it_is_given) {
  std::string out = "left over from the post before";
  html_to_text("<p>new</p>", out);
  EXPECT_EQ(out, "new");
}

// Pieces that matter to the tokenizer, in any order.
rc::Gen<std::string> soup() {
  static const std::vector<std::string> kPieces = {
      "<p>",       "</p>", "<br>", "<", ">",  "</",       "<!--",     "-->",       "&",     "&amp;",
      "&#",        "x41;", "\"",   "'", "=",  "<a href=", "<script>", "</script>", "<pre>", "</pre>",
      "<![CDATA[", "]]>",  "é",    "😀", "\n", "\r",       " ",        "text",      "<li>",  "/"};
  return rc::gen::map(rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(kPieces)),
                      [](const std::vector<std::string>& pieces) {
                        std::string joined;
                        for (const auto& piece : pieces) joined += piece;
                        return joined;
                      });
}

RC_GTEST_PROP(HtmlText, any_bytes_are_harmless, (const std::string& bytes)) {
  const auto text = html_to_text(bytes);
  RC_ASSERT(trim(text) == text);
}

RC_GTEST_PROP(HtmlText, valid_html_gives_valid_trimmed_text, ()) {
  const auto text = html_to_text(*soup());
  RC_ASSERT(is_valid_utf8(text));
  RC_ASSERT(trim(text) == text);
}

RC_GTEST_PROP(HtmlText, text_that_was_escaped_comes_back, ()) {
  const auto text = *rc::gen::map(soup(), [](const std::string& s) { return std::string(trim(s)); });
  std::string escaped;
  for (const char c : text) {
    escaped += c == '<' ? "&lt;" : c == '&' ? "&amp;" : c == '\r' ? "&#13;" : std::string(1, c);
  }
  RC_ASSERT(html_to_text("<p>" + escaped + "</p>") == text);
}

}  // namespace
}  // namespace linnet
