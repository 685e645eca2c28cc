// Reads one Mastodon status, of any server that speaks its API, into a PostSighting.
#pragma once

#include <simdjson.h>

#include <optional>
#include <string>
#include <vector>

#include "base/arena.hpp"
#include "connect/field_reader.hpp"
#include "model/sighting.hpp"

namespace linnet::connect::mastodon {

// Only what identifies a post is required of it: `id`, `account.id` and `created_at`. A field of another type
// than it should have is left out, and noted.
class StatusReader {
 public:
  explicit StatusReader(Arena& arena, std::string& scratch)
      : arena_(arena), scratch_(scratch), fields_(arena) {}

  // Appends the status to `posts`, after the one it boosts.
  FieldError read(simdjson::ondemand::object status, std::vector<model::PostSighting>& posts);

  // What was left out since the last call, for people; empty: nothing.
  std::string take_left_out() { return fields_.take_left_out(); }

 private:
  using Value = simdjson::ondemand::value;

  FieldError read_status(simdjson::ondemand::object status, bool may_boost, model::PostSighting& post,
                         std::optional<model::PostSighting>& boosted);
  FieldError read_boosted(Value value, std::optional<model::PostSighting>& boosted);
  FieldError read_field(std::string_view key, Value value, model::PostSighting& post, unsigned& seen);
  void read_count(std::string_view key, Value value, std::int64_t& count, unsigned bit, unsigned& seen);
  void derive(model::PostSighting& post);

  Arena& arena_;
  std::string& scratch_;
  FieldReader fields_;
  bool is_erased_ = false;  // the boosted post's author was erased: person_eraser.hpp
};

}  // namespace linnet::connect::mastodon
