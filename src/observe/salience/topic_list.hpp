// Topics and their ledger as people and programs look at them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "observe/salience/entry.hpp"
#include "observe/salience/numbers.hpp"
#include "store/connection.hpp"
#include "store/record/entity.hpp"

namespace linnet::salience {

struct TopicBalance {
  std::string key;
  std::string category;
  double balance = 0;
};

struct TopicFilter {
  std::string category;       // empty: all
  std::string server;         // empty: all
  std::optional<Instant> at;  // what stood there then; absent: now
  std::size_t limit = 50;
  std::string cursor;
};

struct TopicPage {
  std::vector<TopicBalance> items;
  std::optional<std::string> next;
};

// Highest balance first. Topics that never had anything are left out. `invalid` names what cannot be
// understood.
Result<TopicPage> list_topics(store::Connection& connection, const TopicFilter& filter);

struct LedgerEntry {
  std::string id;
  std::string entry_type;
  std::string kind;
  double amount = 0;
  std::string reason;
  Instant created_at{};
};

// Oldest first; `most` of them, the newest where there are more. `not_found`.
Result<std::vector<LedgerEntry>> ledger_of(store::Connection& connection, std::string_view topic,
                                           std::int64_t most);

struct TopicDetail {
  TopicBalance topic;
  double cap = 0;
  std::int64_t entries = 0;
  Instant created_at{};
  std::optional<Instant> earned_at;
  std::string metadata;               // JSON; empty: none
  std::vector<TopicBalance> related;  // what it shares with, those that earned last first
};
Result<TopicDetail> find_topic(store::Connection& connection, std::string_view topic);

// Settings as the ledger has them now.
Result<Settings> current_settings(store::Connection& connection);

// The key as it is kept: of a hashtag, also with "#" and in any case. `invalid` where it is no topic.
Result<std::string> topic_as_kept(std::string_view written);

}  // namespace linnet::salience

namespace linnet::record {

template <>
const Entity& entity_of<salience::TopicBalance>();
template <>
const Entity& entity_of<salience::LedgerEntry>();
template <>
const Entity& entity_of<salience::TopicDetail>();

}  // namespace linnet::record
