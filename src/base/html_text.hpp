// The text of a post's HTML (`content_text`).
#pragma once

#include <string>
#include <string_view>

namespace linnet {

// Puts the text of `html` into `out`, whatever was in it: keep one `out` for many posts and nothing is
// allocated.
//
// «<br>» is one newline. Between blocks there are as many newlines as the `innerText` of the HTML standard
// has: two beside a paragraph, one between other blocks (div, li, blockquote, headings, article, details, dd
// …); cells of a table are parted by a tab. References are
// decoded; spans that a page would hide (class="invisible") are kept, so that links stay whole; comments,
// scripts and styles are left out; NUL becomes U+FFFD; white space within a block stays as written, that
// between blocks goes, and both ends are trimmed. Never fails, whatever the HTML; the text is valid UTF-8 if
// the HTML is.
void html_to_text(std::string_view html, std::string& out);

std::string html_to_text(std::string_view html);

}  // namespace linnet
