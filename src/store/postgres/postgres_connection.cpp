#include "store/postgres/postgres_connection.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <thread>

#include "base/log.hpp"
#include "base/text.hpp"
#include "store/postgres/array_parameter.hpp"
#include "store/safe_words.hpp"

namespace linnet::store {
namespace {

// What passes by itself counts as such: whoever waits for it loses nothing, whoever does not gives up. A
// server that only reads for now is one that was put in another's place, one that cannot reach its disk too.
bool passes(std::string_view sql_state) {
  constexpr std::string_view kReadOnly = "25006";
  constexpr std::string_view kDiskFails = "58030";
  constexpr std::string_view kLocked = "55P03";
  constexpr std::string_view kStoodStill = "25P03";  // the server ended the connection
  const auto family = sql_state.substr(0, 2);
  return family == "08" || family == "53" || family == "57" || family == "40" || sql_state == kLocked ||
         sql_state == kReadOnly || sql_state == kDiskFails || sql_state == kStoodStill;
}

ErrorKind kind_of(std::string_view sql_state) {
  if (sql_state.starts_with("23")) return ErrorKind::conflict;
  if (sql_state.starts_with("22")) return ErrorKind::invalid;
  return passes(sql_state) ? ErrorKind::unavailable : ErrorKind::internal;
}

// Its own words name tables, columns and values.
std::string_view words_for(std::string_view sql_state) {
  if (sql_state == "53100") return kDiskFull;
  if (sql_state == "57014") return kBrokenOff;
  switch (kind_of(sql_state)) {
    case ErrorKind::conflict:
      return kClashes;
    case ErrorKind::invalid:
      return kCannotHold;
    case ErrorKind::unavailable:
      return kBusy;
    default:
      return kOurMistake;
  }
}

// A process that stands still within a transaction, and a machine that went away without a word.
constexpr std::string_view kHoldUpNobody =
    "SET idle_in_transaction_session_timeout = '5s'; SET tcp_keepalives_idle = 3; "
    "SET tcp_keepalives_interval = 1; SET tcp_keepalives_count = 3; SET tcp_user_timeout = '6s'";

std::string list_of(const std::vector<Column>& columns, auto&& format) {
  std::string list;
  for (std::size_t i = 0; i < columns.size(); ++i) list += (i > 0 ? ", " : "") + format(columns[i], i + 1);
  return list;
}

std::string_view array_type(ColumnType type) {
  switch (type) {
    case ColumnType::integer:
      return "bigint[]";
    case ColumnType::real:
      return "double precision[]";
    case ColumnType::text:
      return "text[]";
    case ColumnType::blob:
      return "bytea[]";
  }
  return "text[]";
}

// unnest($1::bigint[], $2::text[])
std::string unnest(const std::vector<Column>& columns) {
  return "unnest(" +
         list_of(columns, [](const Column& c,
                             std::size_t i) { return fmt::format("${}::{}", i, array_type(c.type)); }) +
         ")";
}
// v1, v2 …
std::string value_names(const std::vector<Column>& columns) {
  return list_of(columns, [](const Column&, std::size_t i) { return fmt::format("v{}", i); });
}
std::string same_keys(const std::vector<Column>& keys) {
  std::string condition;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    condition += fmt::format("{}t.{} = v.v{}", i > 0 ? " AND " : "", keys[i].name, i + 1);
  }
  return condition;
}

// Its words name the host and the user.
Error cannot_connect(std::string_view why) {
  return Error::of(ErrorKind::unavailable, fmt::format("--db: cannot connect to PostgreSQL: {}", trim(why)),
                   "PostgreSQL cannot be reached; see that the server runs and lets Linnet in");
}

}  // namespace

std::optional<Error> postgres_error(PGconn* connection, const PGresult* result, std::string_view doing) {
  const auto status = PQresultStatus(result);
  if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY) return {};
  const char* const state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  const std::string detail = PQerrorMessage(connection);
  const auto message = fmt::format("PostgreSQL: {} ({})", detail, doing.substr(0, 200));
  if (PQstatus(connection) != CONNECTION_OK) {
    return Error::of(ErrorKind::unavailable, message,
                     "the connection to PostgreSQL is gone; see that the server runs");
  }
  const std::string_view sql_state = state != nullptr ? state : "";
  return Error::of(kind_of(sql_state), message, std::string(words_for(sql_state)));
}

// --- statements

void PostgresStatement::bind(int parameter, const Value& value) {
  auto& place = values_[static_cast<std::size_t>(parameter - 1)];
  formats_.resize(values_.size());
  formats_[static_cast<std::size_t>(parameter - 1)] = 0;
  switch (value.index()) {
    case 0:
      place.reset();
      break;
    case 1:
      place = std::to_string(std::get<1>(value));
      break;
    case 2:
      place = fmt::format("{:.17g}", std::get<2>(value));
      break;
    case 3:
      place = std::string(std::get<3>(value));
      break;
    default:
      place = std::string(std::get<4>(value).bytes);
      formats_[static_cast<std::size_t>(parameter - 1)] = 1;
  }
}

void PostgresStatement::clear_bindings() {
  for (auto& value : values_) value.reset();
}

Status PostgresStatement::execute() {
  std::vector<const char*> pointers;
  std::vector<int> lengths;
  formats_.resize(values_.size());
  for (std::size_t i = 0; i < values_.size(); ++i) {
    const auto& value = values_[i];
    if (value && formats_[i] == 0 && value->find('\0') != std::string::npos) {
      return invalid(fmt::format("parameter {}: PostgreSQL cannot hold text with a NUL", i + 1));
    }
    pointers.push_back(value ? value->c_str() : nullptr);
    lengths.push_back(value ? static_cast<int>(value->size()) : 0);
  }
  result_.reset(PQexecPrepared(connection_.handle(), name_.c_str(), static_cast<int>(values_.size()),
                               pointers.data(), lengths.data(), formats_.data(), 0));
  if (auto error = postgres_error(connection_.handle(), result_.get(), sql_)) return *error;
  connection_.note_changes(result_.get());
  return {};
}

Result<bool> PostgresStatement::step() {
  if (result_ == nullptr) {
    offset_ = 0;
    row_ = -1;
    if (auto executed = execute(); !executed) {
      reset();
      return executed.error();
    }
  }
  if (next()) return true;
  reset();
  return false;
}

bool PostgresStatement::next() {
  return ++row_ < PQntuples(result_.get());
}

void PostgresStatement::show(PostgresResult result, int offset) {
  result_ = std::move(result);
  offset_ = offset;
  row_ = -1;
}

void PostgresStatement::reset() {
  constexpr std::size_t kKeptBytes = std::size_t{64} << 10U;
  if (bytes_.capacity() > kKeptBytes) bytes_ = std::string();  // a film does not stay with the statement
  result_.reset();
  row_ = -1;
}

bool PostgresStatement::is_null(int column) const {
  return PQgetisnull(result_.get(), row_, column + offset_) != 0;
}

std::int64_t PostgresStatement::integer(int column) const {
  const auto digits = text(column);
  std::int64_t number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return number;
}

double PostgresStatement::real(int column) const {
  return std::strtod(PQgetvalue(result_.get(), row_, column + offset_), nullptr);
}

std::string_view PostgresStatement::text(int column) const {
  return {PQgetvalue(result_.get(), row_, column + offset_),
          static_cast<std::size_t>(PQgetlength(result_.get(), row_, column + offset_))};
}

std::string_view PostgresStatement::bytes(int column) const {
  std::size_t size = 0;
  auto* const raw = PQunescapeBytea(
      reinterpret_cast<const unsigned char*>(PQgetvalue(result_.get(), row_, column + offset_)), &size);
  bytes_.assign(reinterpret_cast<const char*>(raw), size);
  PQfreemem(raw);
  return bytes_;
}

// --- connections

Result<std::unique_ptr<PostgresConnection>> PostgresConnection::open(const std::string& address,
                                                                     bool read_only, Patience patience) {
  // Of what is given twice the last counts: what the address says.
  const std::array<const char*, 3> names{"connect_timeout", "dbname", nullptr};
  const std::array<const char*, 3> values{patience == Patience::brief ? "3" : "", address.c_str(), nullptr};
  PostgresHandle handle(PQconnectdbParams(names.data(), values.data(), 1));
  if (PQstatus(handle.get()) != CONNECTION_OK) {
    return cannot_connect(PQerrorMessage(handle.get()));
  }
  PQsetNoticeProcessor(
      handle.get(), [](void*, const char* text) { log::debug("PostgreSQL: {}", text); }, nullptr);
  std::unique_ptr<PostgresConnection> connection(new PostgresConnection(std::move(handle), read_only));
  LINNET_CHECK(connection->prepare_session());
  return connection;
}

Status PostgresConnection::prepare_session() {
  LINNET_CHECK(execute("SET client_encoding = 'UTF8'; SET timezone = 'UTC'"));
  if (holds_up_nobody_) LINNET_CHECK(execute(kHoldUpNobody));
  return is_read_only_ ? execute("SET default_transaction_read_only = on") : Status();
}

Status PostgresConnection::hold_up_nobody() {
  holds_up_nobody_ = true;
  return execute(kHoldUpNobody);
}

// A server that closed the connection is noticed by the end of what it sends, which comes after its last
// words.
bool PostgresConnection::is_alive() {
  for (int reading = 0; reading < 2; ++reading) {
    if (PQstatus(handle_.get()) != CONNECTION_OK || PQconsumeInput(handle_.get()) != 1) return false;
  }
  return PQstatus(handle_.get()) == CONNECTION_OK;
}

Status PostgresConnection::reconnect() {
  statements_.clear();
  bulk_names_.clear();
  durable_ = true;
  PQreset(handle_.get());
  if (PQstatus(handle_.get()) != CONNECTION_OK) return cannot_connect(PQerrorMessage(handle_.get()));
  return prepare_session();
}

Result<std::string> PostgresConnection::transaction_id() {
  LINNET_TRY(auto id, query_text(*this, "SELECT pg_current_xact_id()::text"));
  return std::move(id).value_or("");
}

Result<bool> PostgresConnection::has_committed(const std::string& transaction_id) {
  constexpr int kAttempts = 100;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    LINNET_TRY(const auto state, query_text(*this, "SELECT pg_xact_status($1::text::xid8)",
                                            {std::string_view(transaction_id)}));
    if (!state) return unavailable("PostgreSQL: what became of a transaction is too long ago to know");
    if (*state != "in progress") return *state == "committed";
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  return unavailable("PostgreSQL: a transaction of a connection that broke has not ended");
}

void PostgresConnection::note_changes(const PGresult* result) {
  const char* const count = PQcmdTuples(const_cast<PGresult*>(result));
  changes_ = *count == '\0' ? 0 : std::strtoll(count, nullptr, 10);
}

Result<Statement*> PostgresConnection::prepare(std::string_view sql) {
  if (auto* const known = statements_.find(sql)) {
    known->reset();
    known->clear_bindings();
    return static_cast<Statement*>(known);
  }
  const auto name = fmt::format("s{}", statements_made_++);
  const std::string text(sql);
  PostgresResult prepared(PQprepare(handle_.get(), name.c_str(), text.c_str(), 0, nullptr));
  if (auto error = postgres_error(handle_.get(), prepared.get(), sql)) return *error;
  PostgresResult described(PQdescribePrepared(handle_.get(), name.c_str()));
  if (auto error = postgres_error(handle_.get(), described.get(), sql)) return *error;
  auto statement = std::make_unique<PostgresStatement>(*this, name, PQnparams(described.get()), text);
  auto* const added = statements_.add(sql, std::move(statement));
  give_up_spare();
  return static_cast<Statement*>(added);
}

// The server keeps it, too. Where it cannot be told now, the next one tries again.
void PostgresConnection::give_up_spare() {
  const auto* const spare = statements_.spare();
  if (spare != nullptr && execute("DEALLOCATE " + spare->name())) statements_.remove(spare);
}

Status PostgresConnection::execute(std::string_view sql) {
  PostgresResult result(PQexec(handle_.get(), std::string(sql).c_str()));
  if (auto error = postgres_error(handle_.get(), result.get(), sql)) return *error;
  return {};
}

Result<PostgresResult> PostgresConnection::run_arrays(const void* key, const std::string& sql,
                                                      const Columns& columns, const RowBatch& rows) {
  auto& name = bulk_names_[key];
  if (name.empty()) {
    auto fresh = fmt::format("b{}", bulk_names_.size());
    PostgresResult prepared(PQprepare(handle_.get(), fresh.c_str(), sql.c_str(), 0, nullptr));
    if (auto error = postgres_error(handle_.get(), prepared.get(), sql)) {
      bulk_names_.erase(key);
      return *error;
    }
    name = std::move(fresh);
  }
  std::vector<std::string> arrays;
  std::vector<const char*> pointers;
  std::vector<int> lengths;
  for (std::size_t column = 0; column < columns.size(); ++column) {
    LINNET_TRY(auto array, array_parameter(columns[column], rows, column));
    arrays.push_back(std::move(array));
  }
  for (const auto& array : arrays) {
    pointers.push_back(array.data());
    lengths.push_back(static_cast<int>(array.size()));
  }
  const std::vector<int> binary(columns.size(), 1);
  PostgresResult result(PQexecPrepared(handle_.get(), name.c_str(), static_cast<int>(columns.size()),
                                       pointers.data(), lengths.data(), binary.data(), 0));
  if (auto error = postgres_error(handle_.get(), result.get(), sql)) return *error;
  note_changes(result.get());
  return result;
}

Status PostgresConnection::insert_many(const BulkInsert& what, const RowBatch& rows) {
  const auto names = list_of(what.columns, [](const Column& c, std::size_t) { return std::string(c.name); });
  const auto sql = fmt::format("INSERT INTO {} ({}) SELECT * FROM {} {}", what.table, names,
                               unnest(what.columns), what.on_conflict);
  LINNET_TRY(const auto result, run_arrays(&what, sql, what.columns, rows));
  return {};
}

Status PostgresConnection::update_many(const BulkUpdate& what, const RowBatch& rows) {
  Columns columns = what.keys;
  columns.insert(columns.end(), what.set.begin(), what.set.end());
  const auto assignments = list_of(what.set, [&](const Column& c, std::size_t i) {
    return fmt::format("{} = v.v{}", c.name, what.keys.size() + i);
  });
  const auto sql = fmt::format("UPDATE {} t SET {} FROM {} AS v({}) WHERE {}", what.table, assignments,
                               unnest(columns), value_names(columns), same_keys(what.keys));
  LINNET_TRY(const auto result, run_arrays(&what, sql, columns, rows));
  return {};
}

Status PostgresConnection::delete_many(const BulkDelete& what, const RowBatch& keys) {
  const auto sql = fmt::format("DELETE FROM {} t USING {} AS v({}) WHERE {}", what.table, unnest(what.keys),
                               value_names(what.keys), same_keys(what.keys));
  LINNET_TRY(const auto result, run_arrays(&what, sql, what.keys, keys));
  return {};
}

Status PostgresConnection::lookup_many(const BulkLookup& what, const RowBatch& keys, const OnRow& on_row) {
  const auto sql =
      fmt::format("SELECT v.place, {} FROM {} WITH ORDINALITY AS v({}, place) JOIN {} t ON {}", what.select,
                  unnest(what.keys), value_names(what.keys), what.table, same_keys(what.keys));
  LINNET_TRY(auto result, run_arrays(&what, sql, what.keys, keys));
  PostgresStatement rows(*this, "", 0, "");
  PGresult* const raw = result.get();
  rows.show(std::move(result), 1);
  for (int row = 0; rows.next(); ++row) {
    on_row(static_cast<std::size_t>(std::strtoll(PQgetvalue(raw, row, 0), nullptr, 10) - 1), rows);
  }
  return {};
}

Status PostgresConnection::set_durable(bool durable) {
  if (durable == durable_) return {};
  durable_ = durable;
  return execute(durable ? "SET synchronous_commit = on" : "SET synchronous_commit = off");
}

Status PostgresConnection::begin(bool for_writing) {
  return execute(for_writing ? "BEGIN" : "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
}

Status PostgresConnection::commit() {
  return execute("COMMIT");
}

void PostgresConnection::rollback() {
  if (PQtransactionStatus(handle_.get()) != PQTRANS_IDLE) PostgresResult(PQexec(handle_.get(), "ROLLBACK"));
}

}  // namespace linnet::store
