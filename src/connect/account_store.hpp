// The user's own accounts, and what is watched: the tables `accounts` and `watches`.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "base/secret_box.hpp"
#include "store/record/entity.hpp"
#include "store/writer.hpp"

namespace linnet::connect {

using AccountId = Id<struct AccountTag, std::string>;  // UUID v4
using WatchId = Id<struct WatchTag, std::int64_t>;

struct Account {
  AccountId id;
  std::string platform;
  InstanceId instance{};
  std::string platform_user_id;
  std::string username;
  std::optional<std::string> display_name;
  bool is_active = true;
  bool is_removed = false;  // its credentials were forgotten; one that is switched off has them still
  std::optional<Instant> last_used_at;
  std::string settings;  // JSON
  Instant created_at{};
  Instant updated_at{};
};

struct NewAccount {
  std::string platform = "mastodon";
  InstanceId instance{};
  std::string platform_user_id;
  std::string username;
  std::string display_name;
  std::string scopes;  // what the sign-in allows, as the platform names it; empty: not known
};

struct Credentials {
  std::string token;
  std::string client_id;
  std::string client_secret;
  std::string refresh_token;          // renews `token` before it ends
  std::optional<Instant> expires_at;  // of `token`; absent: it does not end
  std::string service;                // base URL of the server that takes the calls, where not the instance's
  std::string auth_server;            // base URL of the OAuth server
  std::string dpop_key;               // PEM, of the key that the token is bound to
};

struct Watch {
  WatchId id{};
  InstanceId instance{};
  std::optional<AccountId> account;  // absent: as a guest
  std::string stream;
  bool is_active = true;
  Instant created_at{};
};

// Thread-safe.
class AccountStore {
 public:
  // All but the box outlive the store.
  AccountStore(store::Database& database, store::Writer& writer, Clock& clock, const SecretBox& box);

  // Adds the account, or renews the credentials of the one that is there, which stays switched off where it
  // was; `invalid` without a token, so that a sign-in that failed never wipes one that works. With
  // `expected`, `conflict` for anybody but that account, and nothing changes.
  // `also` is written with it.
  using AlsoOf = std::function<Status(store::Connection&, const AccountId&)>;
  Result<AccountId> add(const NewAccount& account, const Credentials& credentials,
                        const std::optional<AccountId>& expected = {}, const AlsoOf& also = {});
  Result<std::vector<Account>> list();
  // By its id, or by «username» where that is one alone. `not_found`, `conflict`.
  Result<Account> find(std::string_view id_or_username);
  // `corrupt` when they were tampered with or sealed under another key.
  Result<Credentials> credentials(const AccountId& id);
  // New tokens in place of those that they were asked for with. False, and nothing is changed, where others
  // stand there by now: another process renewed them, or somebody signed in again. An empty refresh token
  // never takes the place of one that works.
  Result<bool> renew_credentials(const AccountId& id, const Credentials& before, Credentials renewed);
  Status mark_used(const AccountId& id);
  // What has to be written with a change, or not at all: its line in the audit trail.
  using Also = std::function<Status(store::Connection&)>;
  // JSON, checked by whoever gives it.
  Status set_settings(const AccountId& id, const std::string& settings, const Also& also);
  // A person has looked at its trouble: the circuit breaker closes.
  Status resume(const AccountId& id, const Also& also);
  // Lets it act, or nothing more be done in its name. `conflict` for one whose credentials were forgotten.
  Status set_active(const AccountId& id, bool is_active, const Also& also);
  // Forgets its credentials and watches. One that has acted stays, switched off: its actions belong to it.
  Status remove(const AccountId& id, const Also& also);

  // The stream is checked by the connector of the platform. Adding it again is no error: it is taken up
  // again, by that account.
  Result<WatchId> add_watch(InstanceId instance, const std::optional<AccountId>& account,
                            const std::string& stream);
  Result<std::vector<Watch>> list_watches();
  Status set_watch_active(WatchId id, bool is_active);
  Status remove_watch(WatchId id);

 private:
  store::Database& database_;
  store::Writer& writer_;
  Clock& clock_;
  SecretBox box_;
};

}  // namespace linnet::connect

template <>
const linnet::record::Entity& linnet::record::entity_of<linnet::connect::Account>();
template <>
const linnet::record::Entity& linnet::record::entity_of<linnet::connect::Watch>();
