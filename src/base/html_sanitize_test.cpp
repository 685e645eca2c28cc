// Sanitising the HTML of strangers: what is kept, and that nothing dangerous ever is.
#include "base/html_sanitize.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <regex>
#include <string>
#include <vector>

#include "base/text.hpp"

namespace linnet {
namespace {

constexpr std::string_view kLinkEnd = R"h( rel="nofollow noopener noreferrer" target="_blank">)h";

// A reader of its own, stricter than any browser: every «<» must begin one of the tags that may be there,
// written exactly as we write them, and the tags must balance. Empty if all is well, else what is wrong.
std::string fault_of(const std::string& html) {
  static const std::regex kStart(
      R"re(^<(?:br|(?:b|blockquote|code|del|em|h[1-6]|i|pre|rp|rt|ruby|s|strong|u|ul)|(?:p|span)(?: class="[a-z -]+")?|li(?: value="-?\d+")?|ol(?: start="-?\d+")?(?: reversed)?|a href="(?:https?://|mailto:)[^"<>']+"(?: class="[a-z -]+")? rel="nofollow noopener noreferrer" target="_blank")>)re");
  static const std::regex kEnd(R"h(^</([a-z0-9]+)>)h");
  static const std::regex kName(R"h(^<([a-z0-9]+))h");
  std::vector<std::string> open;
  for (auto at = html.find_first_of("<>"); at != std::string::npos; at = html.find_first_of("<>", at + 1)) {
    std::smatch match;
    const auto from = html.begin() + static_cast<std::ptrdiff_t>(at);
    if (std::regex_search(from, html.end(), match, kEnd)) {
      if (open.empty() || open.back() != match[1].str()) return "unbalanced: " + html.substr(at, 40);
      open.pop_back();
    } else if (std::regex_search(from, html.end(), match, kStart)) {
      std::smatch name;
      std::regex_search(from, html.end(), name, kName);
      if (name[1].str() != "br") open.push_back(name[1].str());
    } else {
      return "not allowed: " + html.substr(at, 60);
    }
    at += static_cast<std::size_t>(match.length()) - 1;
  }
  return open.empty() ? "" : "left open: " + open.back();
}

TEST(HtmlSanitize, keeps_what_posts_are_made_of) {
  const std::string link =
      R"h(<a href="https://x.example/@ada" class="u-url mention")h" + std::string(kLinkEnd);
  EXPECT_EQ(sanitize_html(
                R"h(<p>Hi <span class="h-card" translate="no"><a href="https://x.example/@ada" )h"
                R"h(class="u-url mention x" target="_self" onclick="x()">@<span>ada</span></a></span></p>)h"),
            "<p>Hi <span>" + link + "@<span>ada</span></a></span></p>");
  EXPECT_EQ(
      sanitize_html(R"h(<ol start="3" reversed><li value=7>a<li>b</ol><pre><code>x &lt; y</code></pre>)h"),
      R"h(<ol start="3" reversed><li value="7">a</li><li>b</li></ol><pre><code>x &lt; y</code></pre>)h");
  EXPECT_EQ(sanitize_html("<ruby>漢<rp>(</rp><rt>kan</rt><rp>)</rp></ruby>"),
            "<ruby>漢<rp>(</rp><rt>kan</rt><rp>)</rp></ruby>");
  EXPECT_EQ(sanitize_html("<a href='MAILTO:a@b.example'>m</a>"),
            R"h(<a href="mailto:a@b.example")h" + std::string(kLinkEnd) + "m</a>");
  EXPECT_EQ(sanitize_html("<a href='https://x.example/?a=1&amp;b=\"2 3'>m</a>"),
            R"h(<a href="https://x.example/?a=1&amp;b=&quot;2%203")h" + std::string(kLinkEnd) + "m</a>");
}

TEST(HtmlSanitize, drops_tags_it_does_not_know_and_keeps_their_text) {
  EXPECT_EQ(sanitize_html("<div><table><tr><td>a</td></tr></table><img src=x><video>b</video></div>"), "ab");
  EXPECT_EQ(sanitize_html("a<script>alert(1)</script><style>x</style><iframe>y</iframe>b"), "ab");
  EXPECT_EQ(sanitize_html("<a href='/relative'>a</a> <a>b</a>"), "a b");
}

TEST(HtmlSanitize, balances_tags) {
  EXPECT_EQ(sanitize_html("<p>a<p>b"), "<p>a</p><p>b</p>");
  EXPECT_EQ(sanitize_html("<b>a<i>b</b>c</i>"), "<b>a<i>b</i></b>c");
  EXPECT_EQ(sanitize_html("</p></div></a>x"), "x");
  EXPECT_EQ(sanitize_html("<h1>a</h2>b"), "<h1>a</h1>b");
  EXPECT_EQ(sanitize_html("<ul><li>a<ul><li>b</li></ul></li><li>c</ul>"),
            "<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>");
  std::string deep;
  for (int i = 0; i < 10'000; ++i) deep += "<b>";
  EXPECT_EQ(sanitize_html(deep + "x").size(), 64 * 7 + 1);
}

// From the OWASP cheat sheet on filter evasion and from published advisories of other sanitisers.
TEST(HtmlSanitize, defuses_known_attacks) {
  for (
      const std::string_view attack : {
          R"h(<SCRIPT SRC=https://evil.example/xss.js></SCRIPT>)h",
          R"h(<IMG SRC="javascript:alert('XSS');">)h",
          R"h(<IMG """><SCRIPT>alert("XSS")</SCRIPT>"\>)h",
          R"h(<a href="javascript:alert(1)">x</a>)h",
          R"h(<a href="JaVaScRiPt:alert(1)">x</a>)h",
          R"h(<a href=" &#14;  javascript:alert(1)">x</a>)h",
          R"h(<a href="jav&#x09;ascript:alert(1)">x</a>)h",
          R"h(<a href="jav&Tab;ascript&colon;alert(1)">x</a>)h",
          R"h(<a href="&#0000106&#0000097&#0000118&#0000097&#0000115&#0000099&#0000114&#0000105&#0000112&#0000116&#0000058alert(1)">x</a>)h",
          R"h(<a href="&#x6A&#x61&#x76&#x61&#x73&#x63&#x72&#x69&#x70&#x74&#x3A;alert(1)">x</a>)h",
          "<a href=\"java\nscript:alert(1)\">x</a>",
          "<a href=\"\x01javascript:alert(1)\">x</a>",
          R"h(<a href="data:text/html;base64,PHNjcmlwdD4=">x</a>)h",
          R"h(<a href="vbscript:msgbox(1)">x</a>)h",
          R"h(<a href="//evil.example/x">x</a>)h",
          R"h(<a href="https:\\evil.example">x</a>)h",
          R"h(<a href="https:///evil.example">x</a>)h",
          R"h(<a href="https:javascript:alert(1)">x</a>)h",
          R"h(<a href="http&#58;//evil.example" href="javascript:alert(1)" onmouseover=alert(1)>x</a>)h",
          R"h(<a href='https://x.example/" onclick="alert(1)'>x</a>)h",
          R"h(<a href=https://x.example/"onclick=alert(1)>x</a>)h",
          R"h(<p class="mention" onclick=alert(1) style="background:url(javascript:x)">x</p>)h",
          R"h(<p/onclick=alert(1)>x)h",
          R"h(<svg/onload=alert(1)><p><style><!--</style><img src=x onerror=alert(1)>-->)h",
          R"h(<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">)h",
          R"h(<noscript><p title="</noscript><img src=x onerror=alert(1)>">)h",
          R"h(<textarea></textarea><script>alert(1)</script>)h",
          R"h(<title></title><img src=x onerror=alert(1)>)h",
          R"h(<<script>alert(1)//<</script>)h",
          R"h(<scr<script>ipt>alert(1)</scr</script>ipt>)h",
          R"h(<!--><img src=x onerror=alert(1)>-->)h",
          R"h(<![CDATA[><img src=x onerror=alert(1)>]]>)h",
          R"h(<b title="&quot;><img src=x onerror=alert(1)>">x</b>)h",
          R"h(&lt;script&gt;alert(1)&lt;/script&gt;)h",
          R"h(<base href="https://evil.example/"><form action=x><input autofocus onfocus=alert(1)>)h",
          R"h(<object data="x"></object><embed src=x><link rel=stylesheet href=x><meta http-equiv=refresh content=0>)h",
          R"h(<li value="1 onclick=alert(1)">x<ol start="&quot;&gt;">)h",
      }) {
    const auto safe = sanitize_html(attack);
    EXPECT_EQ(fault_of(safe), "") << attack << "\n" << safe;
    EXPECT_EQ(sanitize_html(safe), safe) << attack;
    EXPECT_EQ(safe.find("href=\"javascript"), std::string::npos);
  }
}

TEST(HtmlSanitize, the_judge_of_these_tests_can_say_no) {
  EXPECT_NE(fault_of("<p>a"), "");
  EXPECT_NE(fault_of("<p onclick=\"x\">a</p>"), "");
  EXPECT_NE(fault_of("<script>a</script>"), "");
  EXPECT_NE(fault_of("<a href=\"javascript:x\" rel=\"nofollow noopener noreferrer\" target=\"_blank\">a</a>"),
            "");
  EXPECT_NE(fault_of("a > b"), "");
}

rc::Gen<std::string> hostile() {
  static const std::vector<std::string> kPieces = {"<p>",
                                                   "</p>",
                                                   "<b>",
                                                   "</b>",
                                                   "<a href=\"",
                                                   "https://x.example/",
                                                   "javascript:",
                                                   "\">",
                                                   "'>",
                                                   "</a>",
                                                   "<li>",
                                                   "</li>",
                                                   "<ul>",
                                                   "</ul>",
                                                   "<ol start=",
                                                   "<h1>",
                                                   "</h2>",
                                                   "<h3>",
                                                   "<script>",
                                                   "</script>",
                                                   "<style",
                                                   "onclick=",
                                                   "class=",
                                                   "mention ",
                                                   "\"",
                                                   "'",
                                                   "<",
                                                   ">",
                                                   "&",
                                                   "&lt;",
                                                   "&#13;",
                                                   "&#x3c",
                                                   "<!--",
                                                   "-->",
                                                   " ",
                                                   "\n",
                                                   "\r",
                                                   "text",
                                                   "é",
                                                   "<ruby><rt>",
                                                   "</ruby>",
                                                   "<pre>",
                                                   "</pre>",
                                                   "<br/>",
                                                   "<blockquote>",
                                                   "</blockquote>",
                                                   "</",
                                                   "="};
  return rc::gen::map(rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(kPieces)),
                      [](const std::vector<std::string>& pieces) {
                        std::string joined;
                        for (const auto& piece : pieces) joined += piece;
                        return joined;
                      });
}

RC_GTEST_PROP(HtmlSanitize, only_what_is_allowed_comes_out, ()) {
  const auto safe = sanitize_html(*hostile());
  RC_ASSERT(fault_of(safe) == "");
}

RC_GTEST_PROP(HtmlSanitize, twice_is_once, ()) {
  const auto safe = sanitize_html(*hostile());
  RC_ASSERT(sanitize_html(safe) == safe);
}

RC_GTEST_PROP(HtmlSanitize, any_bytes_are_harmless, (const std::string& bytes)) {
  const auto safe = sanitize_html(bytes);
  RC_ASSERT(fault_of(safe) == "");
  RC_ASSERT(is_valid_utf8(safe));
}

}  // namespace
}  // namespace linnet
