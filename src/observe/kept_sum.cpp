#include "observe/kept_sum.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace linnet::observe {
namespace {

std::string recount_sql(const KeptSum& sum, std::string_view condition) {
  constexpr std::string_view kPlace = "{and}";
  std::string sql(sum.recount);
  const auto at = sql.find(kPlace);
  if (at != std::string::npos) sql.replace(at, kPlace.size(), condition);
  return sql;
}

std::string columns_of(const KeptSum& sum) {
  return fmt::format("{}, {}", fmt::join(sum.keys, ", "), fmt::join(sum.sums, ", "));
}

std::vector<store::Column> integers(const std::vector<std::string_view>& names) {
  std::vector<store::Column> columns;
  for (const auto name : names) columns.push_back({name, store::ColumnType::integer});
  return columns;
}

std::string add_up_on_conflict(const KeptSum& sum) {
  std::vector<std::string> added;
  for (const auto name : sum.sums)
    added.push_back(fmt::format("{0} = {1}.{0} + excluded.{0}", name, sum.table));
  return fmt::format("ON CONFLICT ({}) DO UPDATE SET {}", fmt::join(sum.keys, ", "), fmt::join(added, ", "));
}

}  // namespace

std::string check_sql(const KeptSum& sum) {
  const auto columns = columns_of(sum);
  return fmt::format(
      "WITH expected ({0}) AS ({1}), stored AS (SELECT {0} FROM {2}) "
      "SELECT (SELECT count(*) FROM (SELECT * FROM expected EXCEPT SELECT * FROM stored) AS missing) + "
      "(SELECT count(*) FROM (SELECT * FROM stored EXCEPT SELECT * FROM expected) AS extra)",
      columns, recount_sql(sum, ""), sum.table);
}

Status count_again(store::Connection& connection, const KeptSum& sum,
                   std::initializer_list<store::Value> keys) {
  std::string is_row;
  for (std::size_t i = 0; i < sum.keys.size(); ++i)
    is_row += fmt::format("{}{} = ${}", i == 0 ? "" : " AND ", sum.keys[i], i + 1);
  LINNET_CHECK(store::run(connection, fmt::format("DELETE FROM {} WHERE {}", sum.table, is_row), keys));
  return store::run(
      connection,
      fmt::format("INSERT INTO {} ({}) {}", sum.table, columns_of(sum), recount_sql(sum, sum.of_row)), keys);
}

SumKeeper::SumKeeper(const KeptSum& sum)
    : on_conflict_(add_up_on_conflict(sum)),
      insert_{sum.table, integers(sum.keys), on_conflict_},
      delete_emptied_{sum.table, integers(sum.keys)} {
  for (auto& column : integers(sum.sums)) insert_.columns.push_back(column);
  delete_emptied_.keys.push_back({sum.sums.front(), store::ColumnType::integer});
}

Status SumKeeper::add(store::Connection& connection, const store::RowBatch& differences,
                      const store::RowBatch& emptied) const {
  if (!differences.empty()) LINNET_CHECK(connection.insert_many(insert_, differences));
  if (!emptied.empty()) LINNET_CHECK(connection.delete_many(delete_emptied_, emptied));
  return {};
}

}  // namespace linnet::observe
