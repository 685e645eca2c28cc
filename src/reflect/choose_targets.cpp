#include "reflect/choose_targets.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "reflect/insights.hpp"

namespace linnet::reflect {
namespace {

using salience::Amount;
using salience::Category;

enum class Group { social, spaces, semantic, culture, global, self };
Group group_of(const salience::TopicKey& topic) {
  if (topic.is_global()) return Group::global;
  switch (topic.category) {
    case Category::user:
    case Category::dyad:
    case Category::user_in_channel:
    case Category::account:
      return Group::social;
    case Category::channel:
    case Category::thread:
      return Group::spaces;
    case Category::subject:
    case Category::role:
    case Category::hashtag:
      return Group::semantic;
    case Category::emoji:
      return Group::culture;
    case Category::self:
      break;
  }
  return Group::self;
}

Amount share_of(const salience::Numbers& numbers, Group group) {
  switch (group) {
    case Group::social:
      return salience::scaled(numbers.budget, numbers.share_social);
    case Group::spaces:
      return salience::scaled(numbers.budget, numbers.share_spaces);
    case Group::semantic:
      return salience::scaled(numbers.budget, numbers.share_semantic);
    case Group::culture:
      return salience::scaled(numbers.budget, numbers.share_culture);
    case Group::global:
      return salience::scaled(numbers.budget, numbers.share_global);
    case Group::self:
      break;
  }
  return numbers.budget_self;
}

// Whose budget it is: a server's, of an account its instance's; hashtags are of all networks.
std::string owner_of(const salience::TopicKey& topic) {
  return topic.category == Category::account ? topic.first : topic.server;
}

// Topics of one group, highest balance first, and how far its budget has come.
struct Queue {
  std::vector<const Candidate*> waiting;
  std::size_t next = 0;
  Amount budget = 0;

  void take(const salience::Numbers& numbers, std::vector<const Candidate*>& chosen) {
    while (next < waiting.size()) {
      const auto cost = salience::estimate_of(numbers, waiting[next]->topic.category);
      if (cost > budget) return;
      budget -= cost;
      chosen.push_back(waiting[next++]);
    }
  }
  [[nodiscard]] Amount demand(const salience::Numbers& numbers) const {
    Amount sum = 0;
    for (auto i = next; i < waiting.size(); ++i)
      sum += salience::estimate_of(numbers, waiting[i]->topic.category);
    return sum;
  }
};

void share_out(std::map<Group, Queue>& queues, const salience::Numbers& numbers,
               std::vector<const Candidate*>& chosen) {
  for (auto& [group, queue] : queues) queue.take(numbers, chosen);
  while (true) {
    Amount left = 0;
    Amount demanded = 0;
    for (auto& [group, queue] : queues) {
      left += queue.budget;
      demanded += queue.demand(numbers);
    }
    if (left == 0 || demanded == 0) return;
    const auto before = chosen.size();
    for (auto& [group, queue] : queues) {
      const auto demand = queue.demand(numbers);
      // What is less than a millionth point is nobody's.
      queue.budget = static_cast<Amount>(static_cast<__int128>(left) * demand / demanded);
    }
    for (auto& [group, queue] : queues) queue.take(numbers, chosen);
    if (chosen.size() == before) return;
  }
}

bool is_higher(const Candidate* a, const Candidate* b) {
  return a->balance != b->balance ? a->balance > b->balance : a->key < b->key;
}

// «hashtag» in a layer's file means what the ledger calls so.
bool is_about(const Candidate& candidate, const Layer& layer) {
  return enum_name(candidate.topic.category) == layer.target_category;
}

// A person of a server stands for the same person of all servers.
void drop_doubles(std::vector<const Candidate*>& chosen) {
  std::set<std::string> on_servers;
  for (const auto* const one : chosen) {
    if (one->topic.server.empty()) continue;
    auto everywhere = one->topic;
    everywhere.server.clear();
    on_servers.insert(salience::to_string(everywhere));
  }
  std::erase_if(
      chosen, [&](const Candidate* one) { return one->topic.is_global() && on_servers.contains(one->key); });
}

}  // namespace

Result<std::vector<Candidate>> read_candidates(store::Connection& connection,
                                               const salience::Numbers& numbers, const Layer& layer,
                                               Instant now) {
  LINNET_TRY(const auto understood, count_by_topic(connection, layer.category, now));
  const std::map<std::string, TopicInsights> known(understood.begin(), understood.end());
  std::vector<Candidate> candidates;
  LINNET_CHECK(store::for_each_row(
      connection,
      R"(SELECT t.key, b.balance FROM topics t
         JOIN topic_balances b ON b.topic_id = t.id
         WHERE b.balance >= $1 ORDER BY b.balance DESC, t.key)",
      {numbers.least_balance}, [&](const store::Statement& row) {
        auto topic = salience::parse_topic_key(row.text(0));
        if (!topic) return;
        Candidate one{.topic = std::move(*topic), .key = std::string(row.text(0)), .balance = row.integer(1)};
        one.facts.salience = salience::to_points(one.balance);
        if (const auto found = known.find(one.key); found != known.end()) {
          one.facts.insight_count = static_cast<double>(found->second.count);
          if (found->second.newest)
            one.facts.last_reflected_days_ago =
                std::chrono::duration<double, std::ratio<86'400>>(now - *found->second.newest).count();
        }
        candidates.push_back(std::move(one));
      }));
  return candidates;
}

std::vector<std::string> choose_targets(std::span<const Candidate> candidates, const Layer& layer,
                                        const salience::Numbers& numbers) {
  // By owner and group; people of all servers and `self` have budgets of their own.
  std::map<std::string, std::map<Group, Queue>> servers;
  std::map<Group, std::map<Group, Queue>> apart;
  for (const auto& one : candidates) {
    if (one.balance < numbers.least_balance) continue;
    if (is_about(one, layer) && !layer.filter.matches(one.facts)) continue;
    const auto group = group_of(one.topic);
    const bool is_apart = group == Group::global || group == Group::self;
    auto& queues = is_apart ? apart[group] : servers[owner_of(one.topic)];
    queues[group].waiting.push_back(&one);
  }
  std::vector<const Candidate*> chosen;
  const auto choose = [&](std::map<Group, Queue>& queues, std::initializer_list<Group> groups) {
    for (const auto group : groups) queues[group].budget = share_of(numbers, group);
    for (auto& [group, queue] : queues) std::ranges::sort(queue.waiting, is_higher);
    share_out(queues, numbers, chosen);
  };
  for (auto& [owner, queues] : servers)
    choose(queues, {Group::social, Group::spaces, Group::semantic, Group::culture});
  for (auto& [group, queues] : apart) choose(queues, {group});
  drop_doubles(chosen);
  std::erase_if(chosen, [&](const Candidate* one) { return !is_about(*one, layer); });
  std::ranges::sort(chosen, is_higher);
  if (chosen.size() > static_cast<std::size_t>(layer.max_targets))
    chosen.resize(static_cast<std::size_t>(layer.max_targets));
  std::vector<std::string> keys;
  keys.reserve(chosen.size());
  for (const auto* const one : chosen) keys.push_back(one->key);
  return keys;
}

}  // namespace linnet::reflect
