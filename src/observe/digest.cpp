#include "observe/digest.hpp"

#include <fmt/format.h>

#include "base/hash.hpp"
#include "observe/every_projection.hpp"
#include "store/record/sql.hpp"

namespace linnet::observe {
namespace {

// The one thing in it that no projection makes: events are of an instance.
const DigestedRows& instances() {
  static const DigestedRows rows{1,
                                 {.name = "instances",
                                  .table = "instances x JOIN instances b ON b.id = x.id",
                                  .fields = {record::column<record::Text>("base_url", "b.base_url")}}};
  return rows;
}

Status add_rows(store::Connection& connection, const DigestedRows& digested, Sha256& hash, Digest& digest) {
  const auto& rows = digested.rows;
  hash.update(fmt::format("table {}\n", rows.name));
  std::string order;
  for (std::size_t i = 0; i < digested.keys; ++i)
    order += fmt::format("{}{}", i == 0 ? "" : ", ", rows.fields[i].sql());
  std::string scratch;
  std::int64_t number = 0;
  LINNET_CHECK(store::for_each_row(connection,
                                   record::select_sql(rows, fmt::format("1 = 1 ORDER BY {}", order)), {},
                                   [&](const store::Statement& row) {
                                     scratch.clear();
                                     record::add_digest_line(rows, row, scratch);
                                     hash.update(scratch);
                                     ++number;
                                   }));
  digest.tables.push_back({std::string(rows.name), number});
  return {};
}

}  // namespace

Result<Digest> digest_projections(store::Connection& connection) {
  LINNET_TRY(auto transaction, store::Transaction::begin(connection, store::Transaction::Mode::read));
  Digest digest;
  Sha256 hash;
  LINNET_CHECK(add_rows(connection, instances(), hash, digest));
  for (const auto* const projection : every_projection()) {
    for (const auto& rows : projection->digested()) LINNET_CHECK(add_rows(connection, rows, hash, digest));
  }
  digest.sha256 = hash.finish_hex();
  return digest;
}

}  // namespace linnet::observe
