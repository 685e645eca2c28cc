// Whose data is meant: by what was observed of them, what was done to them, what they agreed to.
#include <fmt/format.h>

#include <algorithm>

#include "act/person_erasure.hpp"
#include "connect/every_platform.hpp"
#include "govern/blocklist_forms.hpp"
#include "govern/person_key.hpp"
#include "model/address_lookup.hpp"

namespace linnet::act {
namespace {

using observe::Person;
using observe::PersonAccount;
using store::Statement;

class PersonFinder {
 public:
  PersonFinder(store::Connection& connection, Person person)
      : connection_(connection), person_(std::move(person)), key_(govern::user_key(person_.address)) {}

  Result<Person> find() {
    LINNET_CHECK(add_own_accounts());
    LINNET_CHECK(add_dealt_with());
    LINNET_CHECK(add_on_record());
    LINNET_CHECK(add_everywhere());
    return std::move(person_);
  }

 private:
  void add(PersonAccount found) {
    const auto is_known = std::any_of(
        person_.accounts.begin(), person_.accounts.end(),
        [&](const auto& account) { return account.instance == found.instance && account.id == found.id; });
    if (!is_known) person_.accounts.push_back(std::move(found));
  }

  // `columns_and_tables` begins with an id and its name, of an own account `a`.
  Status add_rows(std::string_view columns_and_tables) {
    const auto sql = fmt::format(
        R"(SELECT DISTINCT a.instance_id, a.platform, i.base_url, {}
           JOIN instances i ON i.id = a.instance_id ORDER BY 1, 4, 5)",
        columns_and_tables);
    return store::for_each_row(connection_, sql, {}, [&](const Statement& row) {
      const bool has_handles = connect::identity_of(row.text(1)).has_handles();
      if (row.text(3).empty() || has_handles == (key_.find('@') != std::string::npos)) return;
      if (!model::SoughtAddress(key_, row.text(2)).is(row.text(4))) return;
      add({InstanceId(row.integer(0)), std::string(row.text(1)), std::string(row.text(3)),
           std::string(row.text(4))});
    });
  }

  Status add_own_accounts() { return add_rows("a.platform_user_id, a.username FROM accounts a"); }

  Status add_dealt_with() {
    LINNET_CHECK(add_rows(
        "t.participant_id, t.participant_username FROM dm_threads t JOIN accounts a ON a.id = t.account_id"));
    return add_rows(
        R"(t.target_user_id, t.target_name FROM action_attempts t
           JOIN accounts a ON a.id = t.account_id AND t.target_user_id IS NOT NULL
             AND t.target_name IS NOT NULL)");
  }

  // People may have agreed to something, or refused it, before anything was seen of them.
  Status add_on_record() {
    std::vector<govern::PersonKey> keys;
    const auto take = [&](const Statement& row) {
      govern::PersonKey key{std::string(row.text(0)), std::string(row.text(1)), std::string(row.text(2)),
                            std::string(row.text(3))};
      // What was entered for every platform is told by its form.
      if (key.platform.empty()) key.platform = connect::platform_with_names_like(key_).name;
      if (key.user_id == key_ && !is_did()) key.user_id.clear();
      key.address = is_did() ? std::string() : key_;
      keys.push_back(std::move(key));
    };
    LINNET_CHECK(store::for_each_row(connection_,
                                     R"(SELECT platform, server_id, user_id FROM consents
                                        WHERE address = $1 OR user_id = $1 OR user_id = $2 ORDER BY id)",
                                     {std::string_view(key_), std::string_view(person_.address)}, take));
    LINNET_CHECK(store::for_each_row(connection_,
                                     R"(SELECT COALESCE(platform, ''), server, value
                                        FROM blocklist_entries
                                        WHERE entry_type = 'user' AND match_type = 'exact'
                                          AND (address = $1 OR value = $1 OR value = $2) ORDER BY id)",
                                     {std::string_view(key_), std::string_view(person_.address)}, take));
    for (auto& key : keys) LINNET_CHECK(add_key(std::move(key)));
    return {};
  }

  Status add_key(govern::PersonKey key) {
    // A handle goes from hand to hand: whoever bears it now is somebody else than who bore it once.
    const bool is_global = govern::has_global_ids(key.platform);
    if (is_global && is_anyone_on(key.platform)) return {};
    if (is_global && !key.user_id.empty()) key.address.clear();
    LINNET_TRY(auto accounts, govern::accounts_of(connection_, key));
    std::erase_if(accounts, [](const PersonAccount& account) { return account.id.empty(); });
    for (auto& account : accounts) {
      if (account.acct.empty()) account.acct = person_.address;
      add(std::move(account));
    }
    // No server that is known here has shown them: an account on none.
    if (!is_anyone_on(key.platform)) {
      const auto id = is_global ? key.user_id : std::string();
      add({InstanceId(), key.platform, id, is_did() ? std::string() : key_});
    }
    return {};
  }

  // An id that means the same person on every server is looked for wherever an account of ours may have met
  // it.
  Status add_everywhere() {
    const auto found = person_.accounts;
    for (const auto& account : found) {
      if (!govern::has_global_ids(account.platform) || account.id.empty()) continue;
      LINNET_TRY(auto others, govern::accounts_of(connection_, {account.platform, "", account.id, ""}));
      for (auto& other : others) {
        other.acct = account.acct;
        add(std::move(other));
      }
    }
    return {};
  }

  [[nodiscard]] bool is_did() const { return person_.address.starts_with("did:"); }
  [[nodiscard]] bool is_anyone_on(std::string_view platform) const {
    return std::any_of(person_.accounts.begin(), person_.accounts.end(),
                       [&](const auto& account) { return account.platform == platform; });
  }

  store::Connection& connection_;
  Person person_;
  const std::string key_;  // the address as consents and blocklist keep it
};

}  // namespace

Result<Person> find_person(store::Connection& connection, std::string_view address) {
  LINNET_TRY(auto observed, observe::find_person(connection, address));
  const auto wanted = observed.address;
  LINNET_TRY(auto person, PersonFinder(connection, std::move(observed)).find());
  if (person.accounts.empty())
    return not_found(fmt::format("nobody here has the address {}; write it as ada@example.social", wanted));
  return person;
}

Result<Person> find_person_to_erase(store::Connection& connection, std::string_view address) {
  LINNET_TRY(auto person, find_person(connection, address));
  for (const auto& account : person.accounts) {
    LINNET_TRY(const auto own, store::query_text(connection,
                                                 R"(SELECT id FROM accounts
                                                    WHERE platform = $3 AND platform_user_id = $2
                                                      AND (instance_id = $1 OR $4 = 1))",
                                                 {account.instance.value(), std::string_view(account.id),
                                                  std::string_view(account.platform),
                                                  std::int64_t{govern::has_global_ids(account.platform)}}));
    if (own)
      return Error::of(ErrorKind::conflict,
                       fmt::format("{} is an account of yours; remove it first", person.address));
  }
  return person;
}

}  // namespace linnet::act
