#include "act/person_rows.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "act/every_table.hpp"
#include "govern/blocklist_forms.hpp"
#include "store/record/sql.hpp"

namespace linnet::act {

const std::vector<const record::Entity*>& tables_about_people() {
  static const auto found = [] {
    std::vector<const record::Entity*> tables;
    for (const auto* const table : every_table()) {
      if (table->care.person == record::OfPerson::rows) tables.push_back(table);
    }
    return tables;
  }();
  return found;
}

Result<PersonRows> PersonRows::of(store::Connection& connection, const observe::PersonAccount& account) {
  LINNET_TRY(const auto server, govern::host_of_instance(connection, account.instance));
  const auto key = govern::person_key(account.platform, server, account.id, account.acct);
  PersonRows rows;
  rows.connection_ = &connection;
  rows.terms_ = {{"id", account.id},
                 {"name", account.acct},
                 {"platform", account.platform},
                 {"server", key.server},
                 {"address", key.address},
                 // As the blocklist keeps what people entered.
                 {"folded_id", govern::user_key(account.id)},
                 {"folded_name", govern::user_key(account.acct)}};
  return rows;
}

Result<PersonRows::Bound> PersonRows::bind(std::string_view condition) const {
  Bound bound;
  std::vector<std::string_view> used;
  while (true) {
    const auto open = condition.find('{');
    bound.condition += condition.substr(0, open);
    if (open == std::string_view::npos) return bound;
    const auto close = condition.find('}', open);
    const auto name = condition.substr(open + 1, close - open - 1);
    const auto term =
        std::find_if(terms_.begin(), terms_.end(), [&](const auto& one) { return one.first == name; });
    if (term == terms_.end())
      return internal_error(fmt::format("a condition about people says {{{}}}, which is not known", name));
    auto at = std::find(used.begin(), used.end(), name);
    if (at == used.end()) {
      bound.values.emplace_back(std::string_view(term->second));
      at = used.insert(used.end(), name);
    }
    bound.condition += fmt::format("${}", at - used.begin() + 1);
    condition.remove_prefix(close + 1);
  }
}

Status PersonRows::for_each(const record::Entity& table,
                            const std::function<void(std::string_view id)>& on_id) const {
  LINNET_TRY(const auto theirs, bind(table.care.condition));
  boost::json::array found;
  LINNET_CHECK(record::list_json(*connection_,
                                 {.table = table.table, .fields = {record::column<std::string>("id", "id")}},
                                 theirs.condition, theirs.values, found));
  for (const auto& row : found) on_id(std::string_view(row.at("id").as_string()));
  return {};
}

Status PersonRows::list(const record::Entity& table, boost::json::array& into) const {
  LINNET_TRY(const auto theirs, bind(table.care.condition));
  return record::list_json(*connection_, table, theirs.condition + " ORDER BY id", theirs.values, into);
}

Status PersonRows::erase(const record::Entity& table) const {
  LINNET_TRY(const auto theirs, bind(table.care.condition));
  return record::remove(*connection_, table, theirs.condition, theirs.values);
}

}  // namespace linnet::act
