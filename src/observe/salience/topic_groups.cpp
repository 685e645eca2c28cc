#include "observe/salience/topic_groups.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "store/record/json.hpp"

namespace linnet::salience {
namespace {

struct GroupShare {
  std::string_view name;
  Amount Numbers::*share;  // null: a budget of its own
};
constexpr std::array<GroupShare, 6> kGroups{{{"social", &Numbers::share_social},
                                             {"global", &Numbers::share_global},
                                             {"spaces", &Numbers::share_spaces},
                                             {"semantic", &Numbers::share_semantic},
                                             {"culture", &Numbers::share_culture},
                                             {"self", nullptr}}};

// SQL that gives a topic's group, as group_of() does.
constexpr std::string_view kGroupSql =
    R"(CASE WHEN t.key LIKE 'user:%' OR t.key LIKE 'dyad:%' THEN 'global'
         WHEN t.category IN ('user', 'dyad', 'user_in_channel', 'account') THEN 'social'
         WHEN t.category IN ('channel', 'thread') THEN 'spaces'
         WHEN t.category IN ('subject', 'role', 'hashtag') THEN 'semantic'
         WHEN t.category = 'emoji' THEN 'culture' ELSE 'self' END)";

SalienceRow row_of(const Numbers& numbers, const std::string& text, Amount balance,
                   std::optional<Instant> earned_at) {
  SalienceRow row;
  row.topic_key = text;
  row.balance = to_points(balance);
  row.last_activity = earned_at;
  const auto key = parse_topic_key(text);
  if (!key) return row;
  row.category = enum_name(key->category);
  row.group = group_of(key->category, key->is_global());
  row.cap = to_points(cap_of(numbers, key->category, key->is_global()));
  row.utilization = row.cap > 0 ? row.balance / row.cap : 0;
  return row;
}

Status check_group(std::string_view group) {
  std::vector<std::string_view> names;
  for (const auto& known : kGroups) names.push_back(known.name);
  if (group.empty() || std::find(names.begin(), names.end(), group) != names.end()) return {};
  return invalid(fmt::format("group: expected one of {}, got \"{}\"", fmt::join(names, ", "),
                             to_valid_utf8(truncate_utf8(group, 40))));
}

}  // namespace

std::string_view group_of(Category category, bool is_global) {
  if (is_global) return "global";
  switch (category) {
    case Category::user:
    case Category::dyad:
    case Category::user_in_channel:
    case Category::account:
      return "social";
    case Category::channel:
    case Category::thread:
      return "spaces";
    case Category::subject:
    case Category::role:
    case Category::hashtag:
      return "semantic";
    case Category::emoji:
      return "culture";
    case Category::self:
      break;
  }
  return "self";
}

Result<SalienceList> list_group(store::Connection& connection, std::string_view group, std::int64_t limit) {
  LINNET_CHECK(check_group(group));
  LINNET_TRY(const auto settings, current_settings(connection));
  SalienceList list;
  LINNET_TRY(const auto total,
             store::query_integer(
                 connection,
                 fmt::format("SELECT count(*) FROM topic_balances b JOIN topics t ON t.id = b.topic_id WHERE "
                             "b.balance > 0 AND ($1 = '' OR {} = $1)",
                             kGroupSql),
                 {group}));
  list.total = total.value_or(0);
  LINNET_CHECK(store::for_each_row(
      connection,
      fmt::format(
          "SELECT t.key, b.balance, b.earned_at, b.earned_place FROM topic_balances b JOIN topics t ON "
          "t.id = b.topic_id WHERE b.balance > 0 AND ($1 = '' OR {} = $1) ORDER BY b.balance DESC, t.id "
          "LIMIT $2",
          kGroupSql),
      {group, limit}, [&](const store::Statement& row) {
        const auto earned = row.integer(3) > 0 ? std::optional(row.instant(2)) : std::optional<Instant>();
        list.topics.push_back(row_of(settings.numbers, std::string(row.text(0)), row.integer(1), earned));
      }));
  return list;
}

Result<std::vector<GroupFigures>> figures_of_groups(store::Connection& connection) {
  LINNET_TRY(const auto settings, current_settings(connection));
  std::vector<GroupFigures> groups;
  for (const auto& known : kGroups) {
    GroupFigures figures;
    figures.group = known.name;
    const auto share = known.share == nullptr ? Amount{0} : settings.numbers.*(known.share);
    figures.budget_share = to_points(share);
    figures.budget = to_points(known.share == nullptr ? settings.numbers.budget_self
                                                      : scaled(settings.numbers.budget, share));
    groups.push_back(std::move(figures));
  }
  LINNET_CHECK(store::for_each_row(
      connection,
      fmt::format(
          "SELECT {}, count(*), CAST(sum(b.balance) AS BIGINT) FROM topic_balances b JOIN topics t ON "
          "t.id = b.topic_id WHERE b.balance > 0 GROUP BY 1",
          kGroupSql),
      {}, [&](const store::Statement& row) {
        const auto found = std::find_if(groups.begin(), groups.end(), [&](const GroupFigures& figures) {
          return figures.group == row.text(0);
        });
        if (found == groups.end()) return;
        found->topics = row.integer(1);
        found->total_salience = to_points(row.integer(2));
      }));
  return groups;
}

Result<TopicSalience> salience_of(store::Connection& connection, std::string_view topic,
                                  std::int64_t transactions) {
  LINNET_TRY(const auto detail, find_topic(connection, topic));
  LINNET_TRY(const auto settings, current_settings(connection));
  TopicSalience found;
  found.topic =
      row_of(settings.numbers, detail.topic.key,
             static_cast<Amount>(detail.topic.balance * static_cast<double>(kOne) + 0.5), detail.earned_at);
  LINNET_TRY(found.transactions, ledger_of(connection, topic, transactions));
  std::reverse(found.transactions.begin(), found.transactions.end());
  return found;
}

}  // namespace linnet::salience

namespace linnet::record {

using salience::GroupFigures;
using salience::SalienceList;
using salience::SalienceRow;
using salience::TopicSalience;

template <>
const Entity& entity_of<SalienceRow>() {
  static const auto described = entity<SalienceRow>(
      {.name = "SalienceRow"},
      {field<&SalienceRow::topic_key>("topic_key").like("hashtag:boats"),
       field<&SalienceRow::category>("category").one_of(enum_names<salience::Category>()),
       field<&SalienceRow::group>("group").one_of(
           {"social", "global", "spaces", "semantic", "culture", "self"}),
       field<&SalienceRow::balance>("balance"), field<&SalienceRow::cap>("cap"),
       field<&SalienceRow::utilization>("utilization"), field<&SalienceRow::last_activity>("last_activity")});
  return described;
}
template <>
const Entity& entity_of<SalienceList>() {
  static const auto described =
      entity<SalienceList>({.name = "SalienceList"},
                           {field<&SalienceList::topics>("topics"), field<&SalienceList::total>("total")});
  return described;
}
template <>
const Entity& entity_of<GroupFigures>() {
  static const auto described = entity<GroupFigures>(
      {.name = "SalienceGroup"},
      {field<&GroupFigures::group>("group").like("social"), field<&GroupFigures::topics>("topic_count"),
       field<&GroupFigures::total_salience>("total_salience"),
       field<&GroupFigures::budget_share>("budget_share").means("Of a server's budget; 0: one of its own"),
       field<&GroupFigures::budget>("budget")});
  return described;
}
template <>
const Entity& entity_of<TopicSalience>() {
  static const auto described =
      entity<TopicSalience>({.name = "TopicSalience", .bases = {within<&TopicSalience::topic>()}},
                            {field<&TopicSalience::transactions>("transactions").means("The newest first")});
  return described;
}

}  // namespace linnet::record
