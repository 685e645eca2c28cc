#include "connect/bluesky/link_card.hpp"

#include <optional>

#include "base/ascii.hpp"
#include "base/html_entities.hpp"
#include "base/html_tokenizer.hpp"
#include "base/text.hpp"
#include "net/url.hpp"

namespace linnet::connect::bluesky {
namespace {

constexpr std::size_t kLongestTitle = 300;  // bytes
constexpr std::size_t kLongestDescription = 1'000;
constexpr int kMostRedirects = 3;

// In one line.
std::string tidy(std::string_view raw, EntityContext context, std::size_t longest) {
  std::string line;
  for (const char c : to_valid_utf8(decode_entities(raw, context))) {
    const bool is_space = static_cast<unsigned char>(c) <= ' ';
    if (!is_space) line += c;
    if (is_space && !line.empty() && line.back() != ' ') line += ' ';
  }
  return std::string(trim(truncate_utf8(trim(line), longest)));
}

// <meta property="og:title" content="…">, <meta name="description" content="…">
struct Meta {
  std::string_view name;
  std::string_view content;
};
Meta read_meta(std::string_view raw) {
  Meta meta;
  HtmlAttributes attributes(raw);
  HtmlAttribute attribute;
  while (attributes.next(attribute)) {
    const bool is_name = ascii::equal_ignoring_case(attribute.name, "property") ||
                         ascii::equal_ignoring_case(attribute.name, "name");
    if (is_name && meta.name.empty()) meta.name = attribute.value;
    if (ascii::equal_ignoring_case(attribute.name, "content") && meta.content.empty())
      meta.content = attribute.value;
  }
  return meta;
}

// What stands between a start tag and the end tag of the title.
std::string_view text_behind(std::string_view html, const HtmlToken& start) {
  const auto begin = static_cast<std::size_t>(start.raw.data() - html.data()) + start.raw.size() + 1;
  if (begin >= html.size()) return {};
  const auto rest = html.substr(begin);
  return rest.substr(0, rest.find('<'));
}

bool is_html(const net::HttpResponse& response) {
  const auto type = response.headers.find("Content-Type");
  return type && (type->starts_with("text/html") || type->starts_with("application/xhtml+xml"));
}

std::optional<std::string> redirect_of(const net::HttpResponse& response, const std::string& from) {
  const auto place = response.headers.find("Location");
  if (response.status < 300 || response.status > 399 || !place) return {};
  const auto to = net::resolve_url(from, *place);
  if (!to || (!to->starts_with("http://") && !to->starts_with("https://"))) return {};
  return *to;
}

}  // namespace

LinkCard read_card(std::string_view html) {
  std::string_view title;
  Meta og_title;
  Meta og_description;
  Meta description;
  HtmlTokenizer tokens(html);
  HtmlToken token;
  while (tokens.next(token)) {
    if (token.kind != HtmlToken::Kind::start_tag) continue;
    if (token.tag == HtmlTag::title && title.empty()) title = text_behind(html, token);
    if (token.tag != HtmlTag::other) continue;
    const auto meta = read_meta(token.raw);
    const auto take = [&](std::string_view name, Meta& place) {
      if (place.content.empty() && ascii::equal_ignoring_case(meta.name, name)) place = meta;
    };
    take("og:title", og_title);
    take("og:description", og_description);
    take("description", description);
  }
  LinkCard card;
  card.title = tidy(og_title.content, EntityContext::attribute, kLongestTitle);
  if (card.title.empty()) card.title = tidy(title, EntityContext::text, kLongestTitle);
  card.description = tidy(og_description.content, EntityContext::attribute, kLongestDescription);
  if (card.description.empty())
    card.description = tidy(description.content, EntityContext::attribute, kLongestDescription);
  return card;
}

LinkCard fetch_card(net::HttpTransport& transport, const std::string& url, const std::stop_token& stop) {
  net::HttpRequest request;
  request.url = url;
  request.timeout = std::chrono::seconds(10);
  request.max_body_bytes = 512U << 10;
  request.redirects = net::Redirects::refuse;
  request.headers.add("Accept", "text/html,application/xhtml+xml");
  for (int hop = 0; hop <= kMostRedirects; ++hop) {
    const auto response = transport.send(request, stop);
    if (!response) return {};
    if (response->status == 200) return is_html(*response) ? read_card(response->body) : LinkCard{};
    const auto next = redirect_of(*response, request.url);
    if (!next) return {};
    request.url = *next;
  }
  return {};
}

}  // namespace linnet::connect::bluesky
