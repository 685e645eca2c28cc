// Reads one Mastodon status, of any server that speaks its API, into a PostSighting.
#pragma once

#include <simdjson.h>

#include <optional>
#include <string>
#include <vector>

#include "base/arena.hpp"
#include "model/sighting.hpp"

namespace linnet::connect::mastodon {

// What is wrong with an event: names the field, what was expected and what was there.
using FieldError = std::optional<std::string>;

class StatusReader {
 public:
  explicit StatusReader(Arena& arena, std::string& scratch) : arena_(arena), scratch_(scratch) {}

  // Appends the status to `posts`, after the one it boosts.
  FieldError read(simdjson::ondemand::object status, std::vector<model::PostSighting>& posts);

 private:
  using Value = simdjson::ondemand::value;

  FieldError read_status(simdjson::ondemand::object status, bool may_boost, model::PostSighting& post,
                         std::optional<model::PostSighting>& boosted);
  FieldError read_field(std::string_view key, Value value, model::PostSighting& post, unsigned& seen);
  FieldError read_account(Value value, model::AccountSighting& account);
  FieldError read_media(Value value, std::vector<model::MediaSighting>& media);
  FieldError read_mentions(Value value, std::vector<model::MentionSighting>& mentions);
  FieldError read_tags(Value value, std::vector<std::string_view>& hashtags);

  FieldError required_text(std::string_view field, Value value, std::string_view& out);
  FieldError key_text(std::string_view field, Value value, std::string_view& out);
  FieldError count(std::string_view field, Value value, std::int64_t& out);
  model::MaybeText maybe_text(Value value);
  void derive(model::PostSighting& post);

  Arena& arena_;
  std::string& scratch_;
  bool is_erased_ = false;  // the boosted post's author was erased: person_eraser.hpp
};

}  // namespace linnet::connect::mastodon
