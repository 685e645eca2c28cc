// One row of the ledger: what a topic got or lost, by what, and why.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "base/enum_names.hpp"
#include "base/instant.hpp"
#include "observe/salience/amount.hpp"

namespace linnet::salience {

// What the document on the data model calls the type: what comes, what goes, and what is left after spending.
enum class EntryType { earn, spend, retain };
BOOST_DESCRIBE_ENUM(EntryType, earn, spend, retain)

// Their numbers stand in the tables.
enum class EntryKind {
  earn = 0,       // something happened that is about the topic itself
  propagate = 1,  // a related topic earned
  spill = 2,      // a related topic had no room for what it earned
  warm = 3,       // a person who is active in a second server, or two who are warm
  opening = 4,    // the balance up to where the log begins
  decay = 5,      // nothing happened for long
  spend = 6,      // it was thought about
  reset = 7,      // … and the rest of its balance goes
  retain = 8,     // … but for this
};
BOOST_DESCRIBE_ENUM(EntryKind, earn, propagate, spill, warm, opening, decay, spend, reset, retain)

constexpr EntryType type_of(EntryKind kind) {
  if (kind == EntryKind::retain) return EntryType::retain;
  return kind == EntryKind::decay || kind == EntryKind::spend || kind == EntryKind::reset ? EntryType::spend
                                                                                          : EntryType::earn;
}

// An event's rows for one topic are told apart by their kinds: this is the place of one among all of the
// topic.
constexpr std::int64_t kKindsOfPlace = 16;
constexpr std::int64_t place_of(std::int64_t event, EntryKind kind) {
  return event * kKindsOfPlace + static_cast<std::int64_t>(kind);
}

// What stands for a topic in the ids of its entries: 40 bits each.
struct TopicHash {
  std::int64_t high = 0;
  std::int64_t low = 0;
};
TopicHash hash_of_topic(std::string_view key);

// What stands for an event: 62 bits. Of what happened, not of its place in the log, which is another where
// the same was taken in otherwise.
std::int64_t hash_of_cause(std::initializer_list<std::string_view> parts);

// A ULID: the event's time, and a hash of event, topic and kind, so that a replay gives the same. The view
// `salience_entries` reckons it in SQL.
std::string entry_id(Instant at, const TopicHash& topic, std::int64_t cause, EntryKind kind);

}  // namespace linnet::salience
