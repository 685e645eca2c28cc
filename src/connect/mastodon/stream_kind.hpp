// The streams a Mastodon server offers, by the names people give them on the command line.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "net/url.hpp"

namespace linnet::connect::mastodon {

class StreamKind {
 public:
  // public, public:local, public:remote, hashtag:NAME, list:ID, user. `invalid` for anything else.
  static Result<StreamKind> parse(std::string_view text);

  [[nodiscard]] const std::string& name() const { return name_; }  // as parsed, «#» left out
  // Of the account that is signed in, not of the server.
  [[nodiscard]] bool needs_account() const { return family_ == Family::user || family_ == Family::list; }

  [[nodiscard]] bool is_hashtag() const { return family_ == Family::hashtag; }
  // Whether a post by the account, as `account.acct` names it, belongs to the stream: a server that does not
  // know local or remote gives both. An empty name tells nothing.
  [[nodiscard]] bool has_posts_of(std::string_view acct, std::string_view base_url) const;

  // For the WebSocket: {"stream","public:local"} or {"stream","hashtag"},{"tag","cats"}.
  [[nodiscard]] net::QueryParameters subscription() const;
  // Below /api/v1/streaming: "/public/local", "/hashtag?tag=cats".
  [[nodiscard]] std::string event_stream_path() const;
  // The same posts as a timeline: "/api/v1/timelines/public", with {"local","true"} and the like.
  [[nodiscard]] std::string timeline_path() const;
  [[nodiscard]] net::QueryParameters timeline_parameters() const;

 private:
  enum class Family { everything, local, remote, hashtag, list, user };
  StreamKind(Family family, std::string name, std::string argument)
      : family_(family), name_(std::move(name)), argument_(std::move(argument)) {}

  Family family_;
  std::string name_;
  std::string argument_;
};

}  // namespace linnet::connect::mastodon
