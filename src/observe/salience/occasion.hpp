// What happened, and what it earns whom («The ledger»): pure.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.hpp"
#include "base/instant.hpp"
#include "observe/salience/numbers.hpp"

namespace linnet::salience {

struct Earning {
  std::string topic;
  Amount amount = 0;
  std::string owner = {};   // of a thread: its channel, where that is known
  std::string beside = {};  // a topic that is related in this case alone: of an emoji, who gave it
};

// What one event earns. The topics earn one after the other, in this order.
struct Occasion {
  EventId event{};
  Instant at{};
  std::string reason;     // the id of what caused it
  std::int64_t hash = 0;  // of what happened (entry.hpp)
  std::vector<Earning> earnings;
};

// A message that was not seen before. Ids are the network's own.
struct MessageFacts {
  std::string_view server;
  std::string_view channel;  // of a thread, where it is known, the channel that it belongs to
  std::string_view thread;   // empty: it stands in none
  std::string_view author;   // empty: nobody who is known by name wrote it, or no person did
  std::span<const std::string_view> roles;
  std::span<const std::string_view> mentioned;  // people
  std::string_view answered;                    // who wrote what it answers; empty: nobody
  bool has_media_or_link = false;
  bool mentions_self = false;
  bool names_self = false;
};
void add_message(const Settings& settings, const MessageFacts& facts, Occasion& occasion);

struct ReactionFacts {
  std::string_view server;
  std::string_view author;   // of the message; empty as above
  std::string_view reactor;  // as above: then nothing is earned
  std::string_view emoji;    // its id, or itself
};
void add_reaction(const Settings& settings, const ReactionFacts& facts, Occasion& occasion);

void add_thread(const Settings& settings, std::string_view server, std::string_view channel,
                std::string_view thread, Occasion& occasion);

// A post that everybody may see and that was not seen before; or a boost, which earns the boosted account
// alone.
struct PostFacts {
  std::string_view host;  // of the instance
  std::string_view author;
  std::span<const std::string_view> hashtags;
  std::string_view answered;  // account; empty: none
  bool has_media_or_link = false;
};
void add_post(const Settings& settings, const PostFacts& facts, Occasion& occasion);
void add_boost(const Settings& settings, std::string_view host, std::string_view boosted, Occasion& occasion);

void add_direct_message(const Settings& settings, std::string_view user, Occasion& occasion);

// Named by a reflection, with an importance from 0 to 1.
struct NamedSubject {
  std::string name;
  Amount importance = 0;
};
// The first few of a run; empty for none.
void add_subjects(const Settings& settings, std::string_view server, std::span<const NamedSubject> subjects,
                  Occasion& occasion);

// Whether one of the names stands in the text as a word of its own.
bool says_name(const Settings& settings, std::string_view text);

}  // namespace linnet::salience
