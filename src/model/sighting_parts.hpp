// What sightings of every kind of network are made of: who, and what is attached.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/instant.hpp"

namespace linnet::model {

// Optional text: a view without data is absent, which is not the same as empty.
using MaybeText = std::optional<std::string_view>;

struct AccountSighting {
  std::string_view id;
  std::string_view username;
  std::string_view acct;  // "ada" on the instance itself, "ada@example.social" from elsewhere
  MaybeText display_name;
  MaybeText profile_url;
  MaybeText avatar_url;
  MaybeText bio;  // HTML
  std::optional<std::int64_t> follower_count;
  std::optional<std::int64_t> following_count;
  std::optional<std::int64_t> post_count;
  bool is_verified = false;
  bool is_private = false;
  bool is_bot = false;
  std::optional<Instant> created_at;
  // The platform named the account by its id alone, which then stands for username and acct as well: it was
  // there, and what else is known of it stays.
  bool is_bare = false;

  // The part of acct after «@»; absent for an account of the instance itself.
  [[nodiscard]] MaybeText domain() const {
    const auto at = acct.find('@');
    return at == std::string_view::npos ? MaybeText() : MaybeText(acct.substr(at + 1));
  }
};

struct MediaSighting {
  std::string_view id;
  std::string_view type;  // image, video, gifv, audio, unknown
  MaybeText url;
  MaybeText preview_url;
  MaybeText description;
  MaybeText meta_json;
};

struct MentionSighting {
  std::string_view account_id;
  std::string_view acct;
};

}  // namespace linnet::model
