#include "govern/people.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/hash.hpp"
#include "base/secret_box.hpp"
#include "base/text.hpp"
#include "govern/audit.hpp"
#include "govern/drafts.hpp"
#include "govern/password.hpp"
#include "govern/permissions_member.hpp"
#include "net/url.hpp"
#include "store/record/sql.hpp"

namespace linnet::govern {
namespace {

Result<std::vector<User>> read_users(store::Connection& connection, std::string_view condition,
                                     const record::Values& values) {
  return record::find_all<User>(connection, fmt::format("{} ORDER BY name", condition), values);
}

Result<std::string> check_name(std::string_view name) {
  const auto trimmed = trim(name);
  const bool is_good =
      !trimmed.empty() && trimmed.size() <= 64 && std::all_of(trimmed.begin(), trimmed.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
      });
  if (is_good) return std::string(trimmed);
  return invalid("name: expected 1 to 64 of the characters a-z 0-9 . - _");
}

}  // namespace

People::People(store::Database& database, store::Writer& writer, Clock& clock)
    : database_(database), writer_(writer), clock_(clock) {}

Status People::note(store::Connection& connection, const std::string& actor, const std::string& target,
                    std::string_view what) {
  AuditEntry entry;
  entry.event = AuditEvent::action_complete;
  entry.actor = actor;
  entry.target_type = "person";
  entry.target_id = target;
  entry.outcome = AuditOutcome::success;
  entry.details = {{"what", what}};
  return append_audit(connection, std::move(entry), clock_.now());
}

Result<User> People::add(const std::string& given, Role role, const std::string& password,
                         const std::string& actor) {
  User user;
  LINNET_TRY(user.name, check_name(given));
  LINNET_TRY(user.id, make_uuid_v4());
  user.role = role;
  user.created_at = clock_.now();
  user.has_password = !password.empty();
  std::string hash;
  if (user.has_password) {
    LINNET_TRY(hash, hash_password(password));
  }
  LINNET_CHECK(writer_.write([&](store::Connection& connection) -> Status {
    LINNET_TRY(const auto same, read_users(connection, "name = $1", {std::string_view(user.name)}));
    if (!same.empty()) return Error::of(ErrorKind::conflict, fmt::format("name: \"{}\" is taken", user.name));
    LINNET_CHECK(record::insert(
        connection, user,
        {{"password_hash", store::text_or_null(hash)}, {"updated_at", to_micros(user.created_at)}}));
    return note(connection, actor, user.name, fmt::format("added as {}", to_string(role)));
  }));
  forget();
  return user;
}

Result<std::vector<User>> People::list() {
  LINNET_TRY(auto reader, database_.reader());
  return read_users(*reader, "1 = 1", {});
}

Result<User> People::find(const std::string& id_or_name) {
  LINNET_TRY(auto reader, database_.reader());
  LINNET_TRY(auto found, read_users(*reader, "id = $1 OR name = $1", {std::string_view(id_or_name)}));
  if (found.empty())
    return not_found(fmt::format("user: there is none called \"{}\"", id_or_name.substr(0, 64)));
  return std::move(found.front());
}

Status People::refuse_last_admin(store::Connection& connection, const std::string& id) {
  LINNET_TRY(const auto user, read_users(connection, "id = $1", {std::string_view(id)}));
  if (user.empty()) return not_found("user: there is no such person");
  if (user.front().role != Role::admin || !user.front().is_active || !user.front().has_password) return {};
  LINNET_TRY(
      const auto others,
      read_users(connection, "role = 'admin' AND is_active = 1 AND password_hash IS NOT NULL AND id <> $1",
                 {std::string_view(id)}));
  if (!others.empty()) return {};
  return Error::of(ErrorKind::conflict, "this is the last admin with a password; make another one first");
}

Status People::set_role(const std::string& id, Role role, const std::string& actor) {
  auto done = writer_.write([&](store::Connection& connection) -> Status {
    if (role != Role::admin) LINNET_CHECK(refuse_last_admin(connection, id));
    LINNET_CHECK(store::run(connection, "UPDATE users SET role = $2, updated_at = $3 WHERE id = $1",
                            {std::string_view(id), to_string(role), to_micros(clock_.now())}));
    if (connection.changes() == 0) return not_found("user: there is no such person");
    return note(connection, actor, id, fmt::format("role {}", to_string(role)));
  });
  forget();
  return done;
}

Status People::permit(const std::string& id, const Permissions& rights, const std::string& actor) {
  return change_extra(id, "permitted " + to_words(rights), actor,
                      [&](const User& user) -> Result<Permissions> {
                        auto extra = user.extra;
                        extra.insert(rights.begin(), rights.end());
                        return extra;
                      });
}

Status People::forbid(const std::string& id, const Permissions& rights, const std::string& actor) {
  return change_extra(
      id, "forbidden " + to_words(rights), actor, [&](const User& user) -> Result<Permissions> {
        auto extra = user.extra;
        const auto of_role = permissions_of(user.role);
        for (const auto right : rights) {
          if (extra.erase(right) > 0 || !of_role.contains(right)) continue;
          return Error::of(
              ErrorKind::conflict,
              fmt::format("rights: {} comes with the role {} of {}; give them another role instead",
                          to_string(right), to_string(user.role), user.name));
        }
        return extra;
      });
}

Status People::set_extra(const std::string& id, const Permissions& rights, const std::string& actor) {
  return change_extra(id, "has beside the role: " + (rights.empty() ? "nothing" : to_words(rights)), actor,
                      [&](const User&) -> Result<Permissions> { return rights; });
}

Status People::change_extra(const std::string& id, const std::string& what, const std::string& actor,
                            const std::function<Result<Permissions>(const User&)>& change) {
  auto done = writer_.write([&](store::Connection& connection) -> Status {
    LINNET_TRY(const auto users, read_users(connection, "id = $1", {std::string_view(id)}));
    if (users.empty()) return not_found("user: there is no such person");
    LINNET_TRY(auto extra, change(users.front()));
    // Nobody has less than that.
    extra.erase(Permission::open);
    // What the role gives is not kept twice: it would outlast the role.
    for (const auto right : permissions_of(users.front().role)) extra.erase(right);
    const auto list = to_json_list(extra);
    LINNET_CHECK(store::run(connection,
                            "UPDATE users SET extra_permissions = $2, updated_at = $3 WHERE id = $1",
                            {std::string_view(id), std::string_view(list), to_micros(clock_.now())}));
    return note(connection, actor, id, what);
  });
  forget();
  return done;
}

Status People::set_active(const std::string& id, bool is_active, const std::string& actor) {
  auto done = writer_.write([&](store::Connection& connection) -> Status {
    if (!is_active) LINNET_CHECK(refuse_last_admin(connection, id));
    LINNET_CHECK(store::run(connection, "UPDATE users SET is_active = $2, updated_at = $3 WHERE id = $1",
                            {std::string_view(id), std::int64_t{is_active}, to_micros(clock_.now())}));
    if (connection.changes() == 0) return not_found("user: there is no such person");
    LINNET_CHECK(
        store::run(connection, "DELETE FROM user_sessions WHERE user_id = $1", {std::string_view(id)}));
    // Nobody else may see what they had begun to write, and so nobody could ever remove it.
    if (!is_active) LINNET_CHECK(remove_drafts_of(connection, id));
    return note(connection, actor, id, is_active ? "activated" : "deactivated");
  });
  forget();
  return done;
}

Status People::set_password(const std::string& id, const std::string& password, const std::string& actor) {
  LINNET_TRY(const auto hash, hash_password(password));
  auto done = writer_.write([&](store::Connection& connection) -> Status {
    LINNET_CHECK(store::run(connection, "UPDATE users SET password_hash = $2, updated_at = $3 WHERE id = $1",
                            {std::string_view(id), std::string_view(hash), to_micros(clock_.now())}));
    if (connection.changes() == 0) return not_found("user: there is no such person");
    LINNET_CHECK(
        store::run(connection, "DELETE FROM user_sessions WHERE user_id = $1", {std::string_view(id)}));
    return note(connection, actor, id, "password changed");
  });
  forget();
  return done;
}

Status People::sign_out_everywhere(const std::string& id, const std::string& actor) {
  auto done = writer_.write([&](store::Connection& connection) -> Status {
    LINNET_CHECK(
        store::run(connection, "DELETE FROM user_sessions WHERE user_id = $1", {std::string_view(id)}));
    return note(connection, actor, id, "signed out everywhere");
  });
  forget();
  return done;
}

Result<bool> People::has_passwords() {
  const auto now = clock_.now();
  if (const auto known = remembered_has_passwords()) return *known;
  LINNET_TRY(auto reader, database_.reader());
  LINNET_TRY(
      const auto count,
      store::query_integer(
          *reader,
          "SELECT COUNT(*) FROM users WHERE password_hash IS NOT NULL AND is_active = 1 AND role = 'admin'"));
  const bool any = count.value_or(0) > 0;
  memory_.with([&](Memory& memory) {
    memory.has_passwords = any;
    memory.passwords = {now, now + std::chrono::seconds(2)};
  });
  return any;
}

std::optional<bool> People::remembered_has_passwords() const {
  const auto now = clock_.now();
  return memory_.with([&](const Memory& memory) {
    return memory.passwords.holds(now) ? memory.has_passwords : std::optional<bool>();
  });
}

void People::remember(const std::string& hash, const Who& who) {
  constexpr std::size_t kMost = 10'000;
  const auto now = clock_.now();
  memory_.with([&](Memory& memory) {
    if (memory.known.size() >= kMost) memory.known.clear();
    memory.known[hash] = {who, {now, now + std::chrono::seconds(3)}};
  });
}

void People::forget() {
  memory_.with([](Memory& memory) { memory = {}; });
}

std::optional<Who> People::remembered(const std::string& secret, Sign sign) const {
  const auto hash = sha256_hex(secret);
  const auto now = clock_.now();
  return memory_.with([&](const Memory& memory) -> std::optional<Who> {
    const auto found = memory.known.find(hash);
    if (found == memory.known.end() || !found->second.moment.holds(now)) return {};
    // A session's secret is no token, nor the other way round.
    const bool is_session = !found->second.who.session_id.empty();
    if (is_session != (sign == Sign::session)) return {};
    return found->second.who;
  });
}

Status refuse_to_be_open(People& people, const std::string& address) {
  if (net::is_loopback_host(address) || address == "::1") return {};
  LINNET_TRY(const bool is_guarded, people.has_passwords());
  if (is_guarded) return {};
  return Error::of(
      ErrorKind::denied,
      fmt::format(
          "listen: {} can be reached from elsewhere, and nobody has a password yet; make an admin first "
          "(linnet user add NAME --role admin), or listen on 127.0.0.1",
          address));
}

}  // namespace linnet::govern

template <>
const linnet::record::Entity& linnet::record::entity_of<linnet::govern::User>() {
  using linnet::govern::User;
  static const Entity described =
      entity<User>({.name = "User", .table = "users", .care = {.person = OfPerson::ours}},
                   {
                       field<&User::id>("id").key(),
                       field<&User::name>("name"),
                       field<&User::role>("role"),
                       field<&User::extra>("extra_permissions"),
                       field<&User::has_password>("has_password")
                           .worked_out("CASE WHEN password_hash IS NULL THEN 0 ELSE 1 END"),
                       field<&User::is_active>("is_active"),
                       field<&User::created_at>("created_at"),
                       field<&User::last_seen_at>("last_seen_at"),
                   });
  return described;
}
