// Sums that are kept beside what they add up, so that nobody has to add it up to read them. Every commit
// changes both together, and `db check` proves that they agree: a sum is described once, and what keeps it,
// counts it again and proves it is made of that.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "store/bulk.hpp"
#include "store/connection.hpp"

namespace linnet::observe {

struct KeptSum {
  std::string_view in_words;  // "hashtag_hourly_stats is what a GROUP BY over … gives"
  std::string_view table;
  std::vector<std::string_view> keys;  // columns, all of them integers
  // Columns, all of them integers. The first counts what is added up: where it comes to nothing, the row
  // goes.
  std::vector<std::string_view> sums;
  // SELECT of the keys and the sums, in this order, that gives what the table should hold. «{and}» stands
  // where a condition may be added.
  std::string_view recount;
  // That condition for the row whose keys are $1, $2, …: " AND t.instance_id = $1 AND …". It must be one that
  // an index answers.
  std::string_view of_row;
};

// Counts the rows that differ from what they should be.
std::string check_sql(const KeptSum& sum);

// Makes one row again from what is there.
Status count_again(store::Connection& connection, const KeptSum& sum,
                   std::initializer_list<store::Value> keys);

// Adds differences to the rows of one sum. Make it `static const`, as descriptions of bulk work are.
class SumKeeper {
 public:
  explicit SumKeeper(const KeptSum& sum);
  SumKeeper(const SumKeeper&) = delete;
  SumKeeper& operator=(const SumKeeper&) = delete;

  // A row of `differences`: the keys, then what is to be added to each sum. In `emptied`, the keys of rows
  // that may come to nothing, then a 0.
  Status add(store::Connection& connection, const store::RowBatch& differences,
             const store::RowBatch& emptied) const;

 private:
  std::string on_conflict_;
  store::BulkInsert insert_;
  store::BulkDelete delete_emptied_;
};

}  // namespace linnet::observe
