#pragma once

#include <string>
#include <vector>

#include "base/ids.hpp"
#include "base/instant.hpp"
#include "model/sighting.hpp"

namespace linnet::observe {

// What a commit changed about one post. An edit: of its content, or of who may see it.
struct AppliedChange {
  enum class Kind { post, edit, deletion, counts };
  Kind kind = Kind::post;
  InstanceId instance{};
  PostId post{};
  Instant created_at{};
  bool followers_only = false;  // nobody else is told
};

// One committed batch, for those who follow live.
struct AppliedBatch {
  EventId first{};
  EventId last{};
  std::size_t events = 0;
  bool others_wrote = false;     // another process applied events before these: `changes` does not tell all
  bool took_posts_away = false;  // what was remembered by the numbers of their rows holds no more
  bool made_anew = false;        // the tables were emptied or changed behind the log
  std::vector<AppliedChange> changes;  // in the order of the log, at most one of a kind per post
};

}  // namespace linnet::observe
