#include "connect/mastodon/stream_kind.hpp"

#include <fmt/format.h>

#include "base/text.hpp"

namespace linnet::connect::mastodon {

Result<StreamKind> StreamKind::parse(std::string_view text) {
  if (text == "public") return StreamKind(Family::everything, std::string(text), {});
  if (text == "public:local") return StreamKind(Family::local, std::string(text), {});
  if (text == "public:remote") return StreamKind(Family::remote, std::string(text), {});
  if (text == "user") return StreamKind(Family::user, std::string(text), {});
  const auto colon = text.find(':');
  if (colon != std::string_view::npos) {
    const auto family = text.substr(0, colon);
    auto argument = text.substr(colon + 1);
    if (family == "hashtag" && !argument.empty() && argument.front() == '#') argument.remove_prefix(1);
    const bool usable = !argument.empty() && argument.size() <= 1'000 && is_valid_utf8(argument) &&
                        argument.find_first_of(std::string_view(" \t\r\n/?#\0", 8)) == std::string_view::npos;
    if (usable && family == "hashtag") {
      return StreamKind(Family::hashtag, fmt::format("hashtag:{}", argument), std::string(argument));
    }
    if (usable && family == "list") return StreamKind(Family::list, std::string(text), std::string(argument));
  }
  return invalid(fmt::format(
      "stream: expected public, public:local, public:remote, hashtag:NAME, list:ID or user, got \"{}\"",
      to_valid_utf8(truncate_utf8(text, 100))));
}

bool StreamKind::has_posts_of(std::string_view acct, std::string_view base_url) const {
  if (acct.empty() || (family_ != Family::local && family_ != Family::remote)) return true;
  const auto at = acct.find('@', 1);
  const auto own = net::parse_url(base_url);
  const bool is_local =
      at == std::string_view::npos || (own && fold_case(acct.substr(at + 1)) == fold_case(own->host));
  return is_local == (family_ == Family::local);
}

net::QueryParameters StreamKind::subscription() const {
  if (family_ == Family::hashtag) return {{"stream", "hashtag"}, {"tag", argument_}};
  if (family_ == Family::list) return {{"stream", "list"}, {"list", argument_}};
  return {{"stream", name_}};
}

std::string StreamKind::event_stream_path() const {
  switch (family_) {
    case Family::everything:
      return "/public";
    case Family::local:
      return "/public/local";
    case Family::remote:
      return "/public/remote";
    case Family::hashtag:
      return net::with_query("/hashtag", {{"tag", argument_}});
    case Family::list:
      return net::with_query("/list", {{"list", argument_}});
    case Family::user:
      return "/user";
  }
  return "/public";
}

std::string StreamKind::timeline_path() const {
  switch (family_) {
    case Family::hashtag:
      return "/api/v1/timelines/tag/" + net::percent_encode(argument_);
    case Family::list:
      return "/api/v1/timelines/list/" + net::percent_encode(argument_);
    case Family::user:
      return "/api/v1/timelines/home";
    default:
      return "/api/v1/timelines/public";
  }
}

net::QueryParameters StreamKind::timeline_parameters() const {
  if (family_ == Family::local) return {{"local", "true"}};
  if (family_ == Family::remote) return {{"remote", "true"}};
  return {};
}

}  // namespace linnet::connect::mastodon
