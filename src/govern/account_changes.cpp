#include "govern/account_changes.hpp"

#include <boost/json.hpp>

#include "govern/audit.hpp"
#include "govern/pending_actions.hpp"

namespace linnet::govern {
namespace {

namespace json = boost::json;

Status write_audit(store::Connection& connection, const AccountChange& change, AuditEvent event,
                   json::object details) {
  AuditEntry entry;
  entry.event = event;
  entry.platform = change.platform;
  entry.account_id = change.account_id;
  entry.actor = change.actor;
  entry.outcome = AuditOutcome::success;
  entry.details = std::move(details);
  return append_audit(connection, std::move(entry), change.now);
}

// "rateLimit.likesPerHour": from what to what.
void compare(const std::string& name, const json::value& before, const json::value& after,
             json::object& changed) {
  if (before == after) return;
  if (!before.is_object() || !after.is_object()) {
    changed[name] = json::array{before, after};
    return;
  }
  for (const auto& [key, value] : after.as_object()) {
    const auto* const old = before.as_object().if_contains(key);
    compare(name.empty() ? std::string(key) : name + "." + std::string(key),
            old != nullptr ? *old : json::value(), value, changed);
  }
}

}  // namespace

std::function<Status(store::Connection&)> settings_changed(const AccountChange& change,
                                                           const AccountSettings& before,
                                                           const AccountSettings& after) {
  json::object changed;
  compare("", to_json(before), to_json(after), changed);
  return [change, changed](store::Connection& connection) -> Status {
    LINNET_CHECK(release_waiting(connection, change.account_id, Waiting::for_its_pace, change.now));
    return write_audit(connection, change, AuditEvent::action_complete,
                       {{"what", "settings_changed"}, {"changed", changed}});
  };
}

std::function<Status(store::Connection&, const connect::AccountId&)> account_signed_in(
    const AccountChange& change) {
  return [change](store::Connection& connection, const connect::AccountId& id) -> Status {
    auto known = change;
    known.account_id = id.value();
    LINNET_CHECK(release_waiting(connection, id.value(), Waiting::for_the_account, change.now));
    return write_audit(connection, known, AuditEvent::session_start, {{"what", "account_signed_in"}});
  };
}

std::function<Status(store::Connection&)> account_resumed(const AccountChange& change) {
  return [change](store::Connection& connection) -> Status {
    LINNET_CHECK(release_waiting(connection, change.account_id, Waiting::for_the_account, change.now));
    return write_audit(connection, change, AuditEvent::action_complete, {{"what", "account_resumed"}});
  };
}

std::function<Status(store::Connection&)> account_removed(const AccountChange& change,
                                                          std::int64_t& cancelled) {
  return [change, &cancelled](store::Connection& connection) -> Status {
    LINNET_TRY(cancelled, cancel_pending_of_account(
                              connection, change.account_id,
                              {"account_removed", "the account was removed", change.actor}, change.now));
    return write_audit(connection, change, AuditEvent::action_complete,
                       {{"what", "account_removed"}, {"cancelled", cancelled}});
  };
}

std::function<Status(store::Connection&)> account_switched(const AccountChange& change, bool is_on) {
  return [change, is_on](store::Connection& connection) -> Status {
    return write_audit(connection, change, AuditEvent::action_complete,
                       {{"what", is_on ? "account_switched_on" : "account_switched_off"}});
  };
}

}  // namespace linnet::govern
