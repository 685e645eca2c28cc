// Cuts HTML into text and tags, by the rules of the HTML standard's tokenizer, so that what Linnet sees in
// hostile HTML is what a browser would see. It copies nothing, allocates nothing, does not recurse and takes
// linear time.
#pragma once

#include <cstdint>
#include <string_view>

namespace linnet {

// The elements Linnet knows; `other` is every other one.
enum class HtmlTag : std::uint8_t {
  other,
  a,
  address,
  article,
  aside,
  b,
  blockquote,
  br,
  caption,
  center,
  code,
  dd,
  del,
  details,
  dialog,
  dir,
  div,
  dl,
  dt,
  em,
  fieldset,
  figcaption,
  figure,
  footer,
  form,
  h1,
  h2,
  h3,
  h4,
  h5,
  h6,
  header,
  hgroup,
  hr,
  i,
  iframe,
  legend,
  li,
  main,
  menu,
  nav,
  noembed,
  noframes,
  noscript,
  ol,
  optgroup,
  option,
  p,
  pre,
  rp,
  rt,
  ruby,
  s,
  script,
  search,
  section,
  span,
  strong,
  style,
  summary,
  table,
  td,
  textarea,
  th,
  title,
  tr,
  u,
  ul
};

// By its name in any case of letters.
HtmlTag html_tag(std::string_view name);
// In lower case; empty for `other`.
std::string_view to_string(HtmlTag tag);

struct HtmlToken {
  enum class Kind : std::uint8_t { text, start_tag, end_tag };
  Kind kind = Kind::text;
  HtmlTag tag = HtmlTag::other;
  // Of a text: its bytes, references not decoded. Of a start tag: what stands between its name and its «>».
  std::string_view raw;
};

// The views it hands out are into the HTML, which must outlive them. Comments, declarations, the insides of
// script, style, iframe, noembed, noframes, noscript, textarea and title, and a tag that never ends are
// skipped.
class HtmlTokenizer {
 public:
  explicit HtmlTokenizer(std::string_view html) : rest_(html) {}

  // False at the end.
  bool next(HtmlToken& token);

 private:
  bool take_tag(HtmlToken& token, bool is_end);
  void skip_markup();
  void skip_raw_text(std::string_view name);

  std::string_view rest_;
};

struct HtmlAttribute {
  std::string_view name;   // in the case it was written in
  std::string_view value;  // references not decoded
};

// The attributes of a start tag, in order; those given twice come twice (a browser heeds the first).
class HtmlAttributes {
 public:
  explicit HtmlAttributes(std::string_view raw) : rest_(raw) {}
  bool next(HtmlAttribute& attribute);

 private:
  std::string_view rest_;
};

}  // namespace linnet
