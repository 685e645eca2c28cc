// Makes HTML from strangers safe to show.
#pragma once

#include <string>
#include <string_view>

namespace linnet {

// Rebuilds `html` from an allow-list; nothing of it is copied unseen.
//
// Elements kept: p br span a del s pre blockquote code b strong u i em ul ol li h1–h6 ruby rt rp. Attributes
// kept: a[href] with an absolute http, https or mailto URL (other links lose their <a>, not their text);
// class, only the names that posts use (mention, hashtag, ellipsis, invisible, u-url, quote-inline);
// li[value]; ol[start, reversed]. Links get rel="nofollow noopener noreferrer" target="_blank". Scripts,
// styles and frames go with what is in them, of any other element the text stays. Tags are balanced; elements
// more than 64 deep lose their tags. Never fails; the outcome is valid UTF-8, and sanitising it again changes
// nothing.
std::string sanitize_html(std::string_view html);

}  // namespace linnet
