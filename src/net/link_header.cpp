#include "net/link_header.hpp"

#include <algorithm>
#include <sstream>

#include "base/ascii.hpp"
#include "net/url.hpp"

namespace linnet::net {
namespace {

// Reads the grammar of RFC 8288 from left to right; every function leaves the rest in text_.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  std::optional<Link> next() {
    while (take(',')) continue;
    if (!take('<')) return std::nullopt;
    const auto end = text_.find('>');
    if (end == std::string_view::npos) return std::nullopt;
    Link link;
    link.target = std::string(text_.substr(0, end));
    text_.remove_prefix(end + 1);
    bool has_rel = false;
    while (take(';')) {
      const std::string name = token();
      const std::string value = take('=') ? parameter_value() : std::string();
      // Only the first rel of a link counts (section 3.3).
      if (ascii::equal_ignoring_case(name, "rel") && !has_rel) {
        has_rel = true;
        link.rels = split_rels(value);
      }
    }
    return link;
  }

 private:
  void skip_space() {
    while (!text_.empty() && (text_.front() == ' ' || text_.front() == '\t')) text_.remove_prefix(1);
  }

  bool take(char c) {
    skip_space();
    if (text_.empty() || text_.front() != c) return false;
    text_.remove_prefix(1);
    return true;
  }

  std::string token() {
    skip_space();
    const auto end = std::min(text_.find_first_of(" \t,;=\""), text_.size());
    std::string name(text_.substr(0, end));
    text_.remove_prefix(end);
    return name;
  }

  std::string parameter_value() {
    if (!take('"')) return token();
    std::string value;
    while (!text_.empty()) {
      char c = text_.front();
      text_.remove_prefix(1);
      if (c == '"') return value;
      if (c == '\\' && !text_.empty()) {
        c = text_.front();
        text_.remove_prefix(1);
      }
      value += c;
    }
    return value;
  }

  static std::vector<std::string> split_rels(const std::string& value) {
    std::vector<std::string> rels;
    std::istringstream words(value);
    for (std::string word; words >> word;) {
      std::transform(word.begin(), word.end(), word.begin(), ascii::to_lower);
      rels.push_back(std::move(word));
    }
    return rels;
  }

  std::string_view text_;
};

}  // namespace

namespace {

std::optional<std::string> on_own_origin(const std::string& base, const std::string& link) {
  const auto target = resolve_url(base, link);
  if (!target) return {};
  if (same_origin(*target, base)) return *target;
  auto own = parse_url(base);
  const auto named = parse_url(*target);
  if (!own || !named || named->path != own->path) return {};
  own->query = named->query;
  return own->to_string();
}

}  // namespace

std::vector<Link> parse_link_header(std::string_view value) {
  std::vector<Link> links;
  Reader reader(value);
  while (auto link = reader.next()) links.push_back(std::move(*link));
  return links;
}

PageLinks page_links(const HttpResponse& response) {
  PageLinks pages;
  const auto header = response.headers.joined("Link");
  const auto links = parse_link_header(header);
  pages.is_cut = links.empty() && !header.empty();
  for (const auto& link : links) {
    const auto has = [&](std::string_view rel) {
      return std::find(link.rels.begin(), link.rels.end(), rel) != link.rels.end();
    };
    const auto target = on_own_origin(response.url, link.target);
    if (has("next") && !target) pages.is_cut = true;
    if (has("next") && !pages.next) pages.next = target;
    if ((has("prev") || has("previous")) && !pages.prev) pages.prev = target;
  }
  if (pages.next) pages.is_cut = false;
  return pages;
}

}  // namespace linnet::net
