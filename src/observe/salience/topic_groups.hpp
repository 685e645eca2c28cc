// Topics by the groups that share a budget, as Zos' introspection API has them.
#pragma once

#include "observe/salience/topic_list.hpp"

namespace linnet::salience {

// social, global, spaces, semantic, culture or self.
std::string_view group_of(Category category, bool is_global);

struct SalienceRow {
  std::string topic_key, category, group;
  double balance = 0;
  double cap = 0;
  double utilization = 0;  // of the cap, from 0 to 1
  std::optional<Instant> last_activity;
};

struct SalienceList {
  std::vector<SalienceRow> topics;
  std::int64_t total = 0;  // of all that have anything
};

// Highest balance first; of one group, or of all where it is empty. `invalid` where there is no such group.
Result<SalienceList> list_group(store::Connection& connection, std::string_view group, std::int64_t limit);

struct GroupFigures {
  std::string group;
  std::int64_t topics = 0;
  double total_salience = 0;
  double budget_share = 0;  // of a server's budget, from 0 to 1; 0: it has one of its own
  double budget = 0;
};
Result<std::vector<GroupFigures>> figures_of_groups(store::Connection& connection);

struct TopicSalience {
  SalienceRow topic;
  std::vector<LedgerEntry> transactions;  // the newest first
};
Result<TopicSalience> salience_of(store::Connection& connection, std::string_view topic,
                                  std::int64_t transactions);

}  // namespace linnet::salience

namespace linnet::record {

template <>
const Entity& entity_of<salience::SalienceRow>();
template <>
const Entity& entity_of<salience::SalienceList>();
template <>
const Entity& entity_of<salience::GroupFigures>();
template <>
const Entity& entity_of<salience::TopicSalience>();

}  // namespace linnet::record
