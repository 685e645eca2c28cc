// What the projections before the ledger found to be new, for it to reckon with. Borrowed from the batch.
#pragma once

#include <string>
#include <variant>

#include "base/ids.hpp"
#include "base/instant.hpp"
#include "model/sighting.hpp"

namespace linnet::salience {

struct NewMessage {
  const model::MessageSighting* message = nullptr;
  std::string channel;  // of a thread, where it is known, the channel that it belongs to
  bool is_in_thread = false;
  std::string answered;  // the person who wrote what it answers; empty: nobody, or nobody knows
};

struct NewReaction {
  const model::ReactionSighting* reaction = nullptr;
  std::string author;  // the person who wrote the message; empty as above
};

struct NewThread {
  const model::ChannelSighting* thread = nullptr;
};

// Everybody may see it; of a boost, whom it boosted.
struct NewPost {
  const model::PostSighting* post = nullptr;
  std::string_view boosted_author;
};

struct Happening {
  EventId event{};
  Instant at{};
  InstanceId instance{};
  std::variant<NewMessage, NewReaction, NewThread, NewPost> what;
};

}  // namespace linnet::salience
