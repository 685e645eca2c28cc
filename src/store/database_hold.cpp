#include "store/database_hold.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <thread>

#include "base/log.hpp"
#include "store/migrations.hpp"
#include "store/postgres/give_up.hpp"
#include "store/postgres/postgres_connection.hpp"

namespace linnet::store {
namespace {

constexpr auto kLookEvery = std::chrono::seconds(1);
// A connection that nothing goes through is cut by firewalls, and its end is not noticed.
constexpr int kLooksBetweenWords = 15;
// Another may hold the database while this one waits for a machine that went away without a word.
constexpr auto kMostSilence = std::chrono::seconds(10);
// "serve" in ASCII; the second half of the lock's name is the schema, as several may share a database.
constexpr std::string_view kTake =
    "SELECT CASE WHEN pg_try_advisory_lock(1936028278, hashtext(current_schema())) THEN 1 ELSE 0 END";
constexpr std::string_view kJoin =
    "SELECT CASE WHEN pg_try_advisory_lock_shared(1936028278, hashtext(current_schema())) THEN 1 ELSE 0 END";
// Of its own two locks: whoever has the one for itself gets the other at once.
constexpr std::string_view kShare =
    "SELECT pg_advisory_lock_shared(1936028278, hashtext(current_schema())); "
    "SELECT pg_advisory_unlock(1936028278, hashtext(current_schema()))";
constexpr auto kBetweenTries = std::chrono::milliseconds(200);
constexpr std::string_view kHolder =
    "SELECT a.application_name FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid WHERE l.locktype = "
    "'advisory' "
    "AND l.granted AND l.classid = 1936028278 AND l.objid::bigint = (hashtext(current_schema())::bigint & "
    "4294967295) "
    "AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) LIMIT 1";

// How it shows in pg_stat_activity, and in the words of whoever finds the database held.
std::string own_name(std::string_view who) {
  std::array<char, 64> host{};
  if (::gethostname(host.data(), host.size() - 1) != 0) host[0] = '\0';
  std::string name = fmt::format("{}, process {} on {}", who, ::getpid(), host.data());
  std::erase_if(name, [](char c) { return c == '\'' || c == '\\'; });
  return name;
}

class PostgresHold final : public DatabaseHold {
 public:
  PostgresHold(std::unique_ptr<Connection> connection, std::string where, std::string who, Clock& clock,
               std::function<void(const Error&)> on_lost)
      : connection_(std::move(connection)),
        where_(std::move(where)),
        who_(std::move(who)),
        clock_(clock),
        on_lost_(std::move(on_lost)) {}

  Status take() {
    if (auto* const postgres = dynamic_cast<PostgresConnection*>(connection_.get()))
      give_up_after(PQsocket(postgres->handle()), kMostSilence);
    LINNET_CHECK(connection_->execute(fmt::format("SET application_name = '{}'", own_name(who_))));
    LINNET_TRY(const auto taken, query_integer(*connection_, is_shared_ ? kJoin : kTake));
    is_held_ = taken.value_or(0) == 1;
    if (is_held_) return {};
    LINNET_TRY(const auto holder, query_text(*connection_, kHolder));
    return Error::of(
        ErrorKind::conflict,
        fmt::format("--db: {} runs already on {}; stop it first, or give this one a database of its own",
                    holder.value_or("linnet serve"), where_));
  }

  // Others may join from now on.
  Status share() {
    is_shared_ = true;
    return connection_->execute(kShare);
  }
  void join() { is_shared_ = true; }
  void be_alone() { is_shared_ = false; }

  void keep() {
    thread_ = std::jthread([this](const std::stop_token& stop) { look_after(stop); });
  }

 private:
  void look_after(const std::stop_token& stop) {
    for (int looks = 1; clock_.sleep_for(kLookEvery, stop); ++looks) {
      if (looks % kLooksBetweenWords == 0) (void)connection_->execute("SELECT 1");
      if (connection_->is_alive() && is_held_) continue;
      is_held_ = false;
      // While the server is away nobody else can take it either.
      if (!connection_->is_alive() && !connection_->reconnect()) continue;
      const auto again = take();
      if (again || again.error().kind != ErrorKind::conflict) continue;
      log::error("{}", again.error().safe);
      on_lost_(again.error());
      return;
    }
  }

  std::unique_ptr<Connection> connection_;
  const std::string where_;
  const std::string who_;
  Clock& clock_;
  std::function<void(const Error&)> on_lost_;
  bool is_held_ = false;
  bool is_shared_ = false;
  std::jthread thread_;  // last: it uses the others
};

class FileHold final : public DatabaseHold {};

Result<bool> is_up_to_date(Database& database) {
  LINNET_TRY(const auto states, migration_states(database));
  return std::all_of(states.begin(), states.end(),
                     [](const MigrationState& state) { return state.applied_at.has_value(); });
}

// Two that start at once on a new database, or after an upgrade: one of them brings it up to date.
Status take_or_join(Database& database, PostgresHold& hold, const std::function<Status()>& bring_up_to_date) {
  LINNET_TRY(const bool is_current, is_up_to_date(database));
  if (is_current) {
    hold.join();
    return hold.take();
  }
  // It may have been for joining before, where somebody changed the schema meanwhile.
  hold.be_alone();
  if (auto taken = hold.take(); !taken) {
    auto error = taken.error();
    if (error.kind == ErrorKind::conflict)
      error.message = error.safe = error.safe + ". It knows an older form of the database than this one";
    return error;
  }
  LINNET_CHECK(bring_up_to_date());
  return hold.share();
}

}  // namespace

Result<std::unique_ptr<DatabaseHold>> DatabaseHold::join(Database& database, Clock& clock,
                                                         std::function<void(const Error&)> on_lost,
                                                         const std::function<Status()>& bring_up_to_date,
                                                         Duration patience) {
  if (database.engine() != Engine::postgres)
    return std::unique_ptr<DatabaseHold>(std::make_unique<FileHold>());
  LINNET_TRY(auto connection, database.connect_or_give_up(Part::tables));
  auto hold = std::make_unique<PostgresHold>(std::move(connection), database.description(), "linnet serve",
                                             clock, std::move(on_lost));
  const auto until = std::chrono::steady_clock::now() + patience;
  while (true) {
    const auto joined = take_or_join(database, *hold, bring_up_to_date);
    if (joined) break;
    const bool may_pass = joined.error().kind == ErrorKind::conflict;
    if (!may_pass || std::chrono::steady_clock::now() >= until) return joined.error();
    std::this_thread::sleep_for(kBetweenTries);
  }
  hold->keep();
  return std::unique_ptr<DatabaseHold>(std::move(hold));
}

Result<std::unique_ptr<DatabaseHold>> DatabaseHold::take(Database& database, Clock& clock,
                                                         std::function<void(const Error&)> on_lost,
                                                         std::string_view who) {
  if (database.engine() != Engine::postgres)
    return std::unique_ptr<DatabaseHold>(std::make_unique<FileHold>());
  LINNET_TRY(auto connection, database.connect_or_give_up(Part::tables));
  auto hold = std::make_unique<PostgresHold>(std::move(connection), database.description(), std::string(who),
                                             clock, std::move(on_lost));
  LINNET_CHECK(hold->take());
  hold->keep();
  return std::unique_ptr<DatabaseHold>(std::move(hold));
}

}  // namespace linnet::store
