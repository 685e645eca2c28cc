// Takes one account out of the topics and the ledger: what is about it goes, and what it caused elsewhere
// loses its reason. Where all of the log is there, the ledger is made anew afterwards (remake.hpp).
#pragma once

#include <optional>
#include <string>

#include "observe/projection.hpp"
#include "observe/salience/facts.hpp"

namespace linnet::observe {

Status count_topics(store::Connection& connection, const PersonAccount& account, ObservedErasure& found);
std::span<const ForgetSome> forget_steps_of_topics();
Status forget_topics(store::Connection& connection, const PersonAccount& account);

// Which topics name the account.
struct TopicsOfPerson {
  std::string id;
  std::string host;            // of the instance
  bool is_of_servers = false;  // the instance has servers with channels: their users have no instance in keys
  [[nodiscard]] bool names(const salience::TopicKey& key) const;
};
Result<TopicsOfPerson> topics_of_person(store::Connection& connection, const PersonAccount& account);

// Their topics, in no order.
Result<std::vector<std::int64_t>> find_topics_of(store::Connection& connection, const TopicsOfPerson& person);

}  // namespace linnet::observe
