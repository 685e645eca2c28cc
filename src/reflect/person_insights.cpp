#include "reflect/person_insights.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <set>

#include "observe/salience/erase_topics.hpp"
#include "reflect/insights.hpp"
#include "reflect/scope.hpp"
#include "store/record/sql.hpp"

namespace linnet::reflect {
namespace {

Result<observe::TopicsOfPerson> names_of(store::Connection& connection, const govern::PersonSource& person) {
  return observe::topics_of_person(connection, {person.instance, person.platform, person.id, ""});
}

bool is_about_person(std::string_view key, const observe::TopicsOfPerson& person) {
  const auto topic = salience::parse_topic_key(key);
  return topic && person.names(*topic);
}

Result<std::set<std::string>> topics_about(store::Connection& connection,
                                           const govern::PersonSource& person) {
  LINNET_TRY(const auto names, names_of(connection, person));
  std::set<std::string> topics;
  for (const std::string_view sql :
       {"SELECT DISTINCT topic_key FROM insights", "SELECT DISTINCT topic_key FROM layer_run_targets"}) {
    LINNET_CHECK(store::for_each_row(connection, sql, {}, [&](const store::Statement& row) {
      if (is_about_person(row.text(0), names)) topics.emplace(row.text(0));
    }));
  }
  return topics;
}

// Words of others may name somebody of whom nothing was read; short names stand in other words.
Result<std::vector<std::string>> naming(store::Connection& connection, std::string_view acct) {
  std::vector<std::string> found;
  if (acct.size() < 4) return found;
  LINNET_CHECK(store::for_each_row(connection,
                                   R"(SELECT id FROM insights WHERE content <> ''
           AND replace(lower(content || COALESCE(correction, '') || metadata), lower($1), '')
             <> lower(content || COALESCE(correction, '') || metadata))",
                                   {acct},
                                   [&](const store::Statement& row) { found.emplace_back(row.text(0)); }));
  return found;
}

Result<std::set<std::string>> insights_about(store::Connection& connection,
                                             const std::set<std::string>& topics) {
  std::set<std::string> ids;
  for (const auto& topic : topics) {
    LINNET_CHECK(store::for_each_row(connection, "SELECT id FROM insights WHERE topic_key = $1",
                                     {std::string_view(topic)},
                                     [&](const store::Statement& row) { ids.emplace(row.text(0)); }));
  }
  return ids;
}

// Keys of topics that name them, out of the lists of runs.
Status forget_in_runs(store::Connection& connection, const govern::PersonSource& person) {
  LINNET_TRY(const auto names, names_of(connection, person));
  std::vector<LayerRun> changed;
  LINNET_CHECK(record::for_each<LayerRun>(connection, "1 = 1", {}, [&](LayerRun& run) {
    if (std::erase_if(run.targets, [&](const std::string& key) { return is_about_person(key, names); }) > 0)
      changed.push_back(std::move(run));
  }));
  for (const auto& run : changed) LINNET_CHECK(record::update_only(connection, run, {"targets"}));
  return {};
}

}  // namespace

Result<PersonInsights> count_insights_of(store::Connection& connection, const govern::PersonSource& person,
                                         std::string_view acct) {
  PersonInsights count;
  LINNET_TRY(const auto topics, topics_about(connection, person));
  LINNET_TRY(const auto about, insights_about(connection, topics));
  count.about_them = static_cast<std::int64_t>(about.size());
  std::vector<std::string> made;
  LINNET_CHECK(store::for_each_row(
      connection,
      R"(SELECT DISTINCT s.insight_id FROM insight_sources s JOIN insights i ON i.id = s.insight_id
         WHERE s.instance_id = $1 AND s.person_id = $2)",
      {person.instance.value(), std::string_view(person.id)},
      [&](const store::Statement& row) { made.emplace_back(row.text(0)); }));
  LINNET_TRY(auto named, naming(connection, acct));
  made.insert(made.end(), named.begin(), named.end());
  LINNET_TRY(const auto all, govern::with_what_followed(connection, std::move(made)));
  const std::set<std::string> others(all.begin(), all.end());
  count.made_of_them =
      std::ranges::count_if(others, [&](const std::string& id) { return !about.contains(id); });
  return count;
}

Status list_insights_of(store::Connection& connection, const govern::PersonSource& person,
                        boost::json::array& into) {
  LINNET_TRY(const auto topics, topics_about(connection, person));
  for (const auto& topic : topics) {
    LINNET_CHECK(record::list_json(
        connection,
        {.table = "insights",
         .fields = {record::column<record::Text>("topic_key"), record::column<record::Text>("category"),
                    record::column<record::Text>("content", "COALESCE(correction, content)"),
                    record::column<record::Text>("sources_scope_max"),
                    record::column<record::Time>("created_at"), record::column<record::Json>("metadata")}},
        "topic_key = $1 AND content <> '' ORDER BY created_at, id", {std::string_view(topic)}, into));
  }
  return {};
}

Status erase_insights_of(store::Connection& connection, const govern::PersonSource& person,
                         std::string_view acct, Instant now) {
  LINNET_TRY(const auto topics, topics_about(connection, person));
  LINNET_TRY(const auto about, insights_about(connection, topics));
  // What was made of those, before their lineage goes.
  LINNET_TRY(auto gone, naming(connection, acct));
  gone.insert(gone.end(), about.begin(), about.end());
  LINNET_TRY(const auto of_names,
             govern::withdraw_with_what_followed(connection, std::move(gone), govern::kByErasure,
                                                 "somebody was erased", now));
  LINNET_TRY(const auto of_sources, govern::withdraw_all_of(connection, person, now));
  (void)of_names;
  (void)of_sources;
  for (const auto& topic : topics) {
    LINNET_CHECK(
        store::run(connection, "DELETE FROM insights WHERE topic_key = $1", {std::string_view(topic)}));
    LINNET_CHECK(store::run(connection, "DELETE FROM layer_run_targets WHERE topic_key = $1",
                            {std::string_view(topic)}));
  }
  LINNET_CHECK(store::run(connection, "DELETE FROM insight_sources WHERE instance_id = $1 AND person_id = $2",
                          {person.instance.value(), std::string_view(person.id)}));
  return forget_in_runs(connection, person);
}

}  // namespace linnet::reflect
