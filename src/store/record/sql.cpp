#include "store/record/sql.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace linnet::record {
namespace {

// `on_row` says with an error that the rest is not to be read.
template <typename OnRow>
Status each_row(store::Connection& connection, const std::string& sql, const Values& values,
                const OnRow& on_row) {
  LINNET_TRY(auto* const statement, connection.prepare(sql));
  for (std::size_t i = 0; i < values.size(); ++i) statement->bind(static_cast<int>(i) + 1, values[i]);
  while (true) {
    LINNET_TRY(const bool more, statement->step());
    if (!more) return {};
    if (Status done = on_row(*statement); !done) {
      statement->reset();
      return done;
    }
  }
}

Status run(store::Connection& connection, const std::string& sql, const Values& values) {
  return each_row(connection, sql, values, [](const store::Statement&) { return Status(); });
}

// "$3", or an expression with it in place of each «{}».
std::string with_parameter(std::string_view sql, std::size_t number) {
  std::string text;
  while (true) {
    const auto at = sql.find("{}");
    text += sql.substr(0, at);
    if (at == std::string_view::npos) return text;
    text += fmt::format("${}", number);
    sql.remove_prefix(at + 2);
  }
}

// Names and values of what is written, in one order.
struct Assignments {
  std::string columns;     // "id, name"
  std::string parameters;  // "$1, $2"
  std::string changes;     // "id = $1, name = $2"
  Values values;
  Kept kept;

  std::string add(std::string_view column, std::string_view sql, const store::Value& value) {
    values.push_back(value);
    auto parameter = with_parameter(sql, values.size());
    const auto* const comma = columns.empty() ? "" : ", ";
    columns += fmt::format("{}{}", comma, column);
    parameters += comma + parameter;
    changes += fmt::format("{}{} = {}", comma, column, parameter);
    return parameter;
  }
};

}  // namespace

std::string select_sql(const Entity& entity, std::string_view rest) {
  std::string columns;
  for (const auto& field : entity.fields) {
    if (field.is_selected()) columns += fmt::format("{}{}", columns.empty() ? "" : ", ", field.sql());
  }
  return fmt::format("SELECT {} FROM {} WHERE {}", columns, entity.table, rest);
}

namespace detail {

Status for_each(store::Connection& connection, const Entity& entity, std::string_view rest,
                const Values& values, void* record, const std::function<void()>& on_read) {
  return each_row(connection, select_sql(entity, rest), values, [&](const store::Statement& row) -> Status {
    int column = 0;
    for (const auto& field : entity.fields) {
      if (!field.is_selected()) continue;
      if (auto read = field.read(field, row, column++, record); !read)
        return Error::of(read.error().kind, fmt::format("{}: {}", entity.table, read.error().message));
    }
    on_read();
    return {};
  });
}

Status insert(store::Connection& connection, const Entity& entity, const void* record,
              const std::vector<Also>& also, std::string_view on_conflict) {
  Assignments written;
  for (const auto& field : entity.fields) {
    if (field.is_written() && !field.is_numbered)
      written.add(field.column, "{}", field.write(field, record, written.kept));
  }
  for (const auto& one : also) written.add(one.column, one.sql, one.value);
  return run(connection,
             fmt::format("INSERT INTO {} ({}) VALUES ({}) {}", entity.table, written.columns,
                         written.parameters, on_conflict),
             written.values);
}

Status update(store::Connection& connection, const Entity& entity, const void* record,
              const std::vector<std::string_view>& only, const std::vector<Also>& also,
              std::string_view where) {
  Assignments written;
  std::size_t named = 0;
  for (const auto& field : entity.fields) {
    const bool is_named = std::find(only.begin(), only.end(), field.name) != only.end();
    named += is_named ? 1 : 0;
    if (!field.is_written() || field.is_key || (only.empty() ? field.is_fixed : !is_named)) continue;
    written.add(field.column, "{}", field.write(field, record, written.kept));
  }
  if (named != only.size())
    return internal_error(fmt::format("{}: a field to be updated is not described", entity.name));
  for (const auto& one : also) written.add(one.column, one.sql, one.value);
  Assignments keys;
  keys.values = std::move(written.values);
  std::string condition;
  for (const auto& field : entity.fields) {
    if (!field.is_key) continue;
    const auto parameter = keys.add(field.column, "{}", field.write(field, record, written.kept));
    condition += fmt::format("{}{} = {}", condition.empty() ? "" : " AND ", field.column, parameter);
  }
  if (condition.empty()) return internal_error(fmt::format("{}: it has no key", entity.name));
  if (!where.empty()) condition += fmt::format(" AND ({})", where);
  return run(connection, fmt::format("UPDATE {} SET {} WHERE {}", entity.table, written.changes, condition),
             keys.values);
}

}  // namespace detail

Status list_json(store::Connection& connection, const Entity& entity, std::string_view rest,
                 const Values& values, boost::json::array& into) {
  return each_row(connection, select_sql(entity, rest), values, [&](const store::Statement& row) {
    boost::json::object item;
    int column = 0;
    for (const auto& field : entity.fields) {
      if (!field.is_selected()) continue;
      auto shown = field.show_column(field, row, column++);
      if (field.is_hidden || field.is_ours) continue;
      // A text that should be JSON and is damaged is shown as it is.
      item[field.name] = shown ? std::move(*shown) : boost::json::value(row.text(column - 1));
    }
    into.push_back(std::move(item));
    return Status();
  });
}

Status remove(store::Connection& connection, const Entity& entity, std::string_view condition,
              const Values& values) {
  return run(connection, fmt::format("DELETE FROM {} WHERE {}", entity.table, condition), values);
}

void add_digest_line(const Entity& entity, const store::Statement& row, std::string& line) {
  int column = 0;
  for (const auto& field : entity.fields) {
    if (!field.is_selected()) continue;
    if (row.is_null(column)) {
      line += "n;";
    } else if (field.type == store::ColumnType::integer) {
      fmt::format_to(std::back_inserter(line), "i{};", row.integer(column));
    } else {
      const auto text = row.text(column);
      fmt::format_to(std::back_inserter(line), "t{}:", text.size());
      line.append(text);
    }
    ++column;
  }
  line += '\n';
}

}  // namespace linnet::record
