// Reading and writing described records. Columns are named by the description alone, and rows are read in the
// order in which it selects them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/record/members.hpp"

namespace linnet::record {

using Values = std::vector<store::Value>;

// A column beside those of the record. In `sql`, «{}» stands for the value.
struct Also {
  std::string_view column;
  store::Value value;
  std::string_view sql = "{}";
};

// "SELECT id, name FROM things WHERE …"; `rest` is the condition, and what may follow it.
std::string select_sql(const Entity& entity, std::string_view rest);

namespace detail {

Status for_each(store::Connection& connection, const Entity& entity, std::string_view rest,
                const Values& values, void* record, const std::function<void()>& on_read);
Status insert(store::Connection& connection, const Entity& entity, const void* record,
              const std::vector<Also>& also, std::string_view on_conflict);
Status update(store::Connection& connection, const Entity& entity, const void* record,
              const std::vector<std::string_view>& only, const std::vector<Also>& also,
              std::string_view where);

}  // namespace detail

// `rest`, with $1 … for the values: "status = $1 ORDER BY due_at".
template <Described T>
Status for_each(store::Connection& connection, std::string_view rest, const Values& values,
                const std::function<void(T&)>& on_record) {
  T record;
  return detail::for_each(connection, entity_of<T>(), rest, values, &record, [&] {
    on_record(record);
    record = T();
  });
}
template <Described T>
Result<std::vector<T>> find_all(store::Connection& connection, std::string_view rest,
                                const Values& values = {}) {
  std::vector<T> found;
  LINNET_CHECK(for_each<T>(connection, rest, values, [&](T& record) { found.push_back(std::move(record)); }));
  return found;
}
template <Described T>
Result<std::optional<T>> find_first(store::Connection& connection, std::string_view rest,
                                    const Values& values = {}) {
  LINNET_TRY(auto found, find_all<T>(connection, rest, values));
  return found.empty() ? std::optional<T>() : std::optional<T>(std::move(found.front()));
}

// `on_conflict`: "ON CONFLICT (id) DO NOTHING".
template <Described T>
Status insert(store::Connection& connection, const T& record, const std::vector<Also>& also = {},
              std::string_view on_conflict = {}) {
  return detail::insert(connection, entity_of<T>(), &record, also, on_conflict);
}

// The row with the record's key, where `where` is true of it as well; what is fixed stays. Whether there was
// one, connection.changes() tells.
template <Described T>
Status update(store::Connection& connection, const T& record, const std::vector<Also>& also = {},
              std::string_view where = {}) {
  return detail::update(connection, entity_of<T>(), &record, {}, also, where);
}
// These members alone, by their names in the description, fixed or not.
template <Described T>
Status update_only(store::Connection& connection, const T& record, const std::vector<std::string_view>& only,
                   std::string_view where = {}) {
  return detail::update(connection, entity_of<T>(), &record, only, {}, where);
}

// Rows as JSON without what is hidden or ours, appended to `into`: what is handed out.
Status list_json(store::Connection& connection, const Entity& entity, std::string_view rest,
                 const Values& values, boost::json::array& into);

// The rows for which the condition is true.
Status remove(store::Connection& connection, const Entity& entity, std::string_view condition,
              const Values& values);

// A row as the digest has it: length before text, so that no two rows can look alike.
void add_digest_line(const Entity& entity, const store::Statement& row, std::string& line);

}  // namespace linnet::record
