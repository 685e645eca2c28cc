#include "govern/person_key.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/text.hpp"
#include "connect/every_platform.hpp"
#include "govern/blocklist_forms.hpp"
#include "model/address_lookup.hpp"
#include "model/platform.hpp"
#include "model/typed_name.hpp"

namespace linnet::govern {
namespace {

constexpr std::size_t kLongestTyped = 1'000;

// A name that people see, and no id.
bool is_name(std::string_view platform, std::string_view id) {
  const auto& rules = connect::identity_of(platform);
  return rules.has_handles() ? rules.is_handle(id) : id.find('@') != std::string_view::npos;
}

// What can be nobody's id would count for nobody, silently.
Status check_form(const PersonKey& person) {
  if (person.user_id.find("://") != std::string::npos || person.address.find("://") != std::string::npos)
    return invalid(
        "user_id: expected an id, an address such as ada@social.example or the address of a profile "
        "(https://social.example/@ada), got another link");
  const auto& named = person.user_id.empty() ? person.address : person.user_id;
  if (named.find_first_of(" \t\r\n!\"'<>(),;") != std::string::npos)
    return invalid(
        fmt::format("user_id: expected an id, or an address such as ada@social.example, got \"{}\"",
                    truncate_utf8(named, 80)));
  const auto& rules = connect::identity_of(person.platform);
  if (rules.is_person_id == nullptr || person.user_id.empty() || rules.is_person_id(person.user_id))
    return {};
  return invalid(fmt::format("user_id: expected {}, got \"{}\"", rules.expected_person,
                             truncate_utf8(person.user_id, 80)));
}

struct Instance {
  InstanceId id{};
  std::string host;
  std::string base_url;
};
Result<std::vector<Instance>> instances_of(store::Connection& connection, const std::string& platform) {
  std::vector<Instance> instances;
  LINNET_CHECK(store::for_each_row(
      connection, "SELECT id, base_url FROM instances WHERE platform = $1", {std::string_view(platform)},
      [&](const store::Statement& row) {
        instances.push_back({InstanceId(row.integer(0)), host_of(row.text(1)), std::string(row.text(1))});
      }));
  return instances;
}

void add(std::vector<observe::PersonAccount>& accounts, observe::PersonAccount one) {
  const bool is_known = std::any_of(accounts.begin(), accounts.end(), [&](const auto& other) {
    return other.instance == one.instance && other.id == one.id;
  });
  if (!is_known) accounts.push_back(std::move(one));
}

// As the instance of that host would write the address.
std::string acct_on(const PersonKey& person, const Instance& instance) {
  const model::SoughtAddress sought(person.address, instance.base_url);
  return sought.spellings()[1];
}

Status add_by_address(store::Connection& connection, const PersonKey& person, const Instance& instance,
                      std::vector<observe::PersonAccount>& accounts) {
  LINNET_TRY(auto shown, model::accounts_shown_as(connection, instance.id, person.address));
  const model::SoughtAddress sought(person.address, instance.base_url);
  LINNET_CHECK(store::for_each_row(connection,
                                   R"(SELECT DISTINCT participant_id, participant_username
                                      FROM dm_threads
                                      WHERE account_id IN (SELECT id FROM accounts WHERE instance_id = $1)
                                      ORDER BY 1)",
                                   {instance.id.value()}, [&](const store::Statement& row) {
                                     if (sought.is(row.text(1)))
                                       shown.push_back({std::string(row.text(0)), std::string(row.text(1))});
                                   }));
  // Nobody shown yet: what waits for the name alone is found all the same.
  if (shown.empty()) shown.push_back({"", acct_on(person, instance)});
  for (auto& one : shown)
    add(accounts, {instance.id, person.platform, std::move(one.id), std::move(one.acct)});
  return {};
}

}  // namespace

Result<std::string> read_server(std::string_view server) {
  if (trim(server).empty()) return std::string();
  std::string text(trim(server));
  if (text.find("://") == std::string::npos) text.insert(0, "https://");
  auto host = host_of(text);
  if (!host.empty()) return host;
  return invalid(fmt::format("server: expected a host such as social.example, got \"{}\"",
                             truncate_utf8(to_valid_utf8(server), 80)));
}

bool has_global_ids(std::string_view platform) {
  return connect::identity_of(platform).ids_are_global;
}

Result<PersonKey> read_person(PersonKey given) {
  LINNET_TRY(given.platform,
             model::read_platform("platform", given.platform, ", the one that the person is on"));
  if (given.platform.empty())
    return invalid(fmt::format("platform: expected {}, the one that the person is on, got nothing",
                               fmt::join(model::kPlatforms, " or ")));
  LINNET_TRY(given.server, read_server(given.server));
  const auto& typed = given.user_id;
  if (!is_valid_utf8(typed) || typed.find('\0') != std::string::npos || typed.size() > kLongestTyped)
    return invalid(fmt::format("user_id: expected at most {} bytes of UTF-8 without NUL", kLongestTyped));
  auto id = model::address_as_typed(typed);
  const bool is_marked = id.starts_with('@');
  id.erase(0, std::min(id.find_first_not_of('@'), id.size()));
  LINNET_CHECK(model::refuse_two_servers("user_id", id));
  if (is_name(given.platform, id)) {
    given.address = full_address(id, given.platform, "");
    id.clear();
  } else if (is_marked && !given.server.empty()) {
    given.address = full_address(id, given.platform, given.server);
    id.clear();
  }
  if (has_global_ids(given.platform)) given.server.clear();
  given.user_id = std::move(id);
  given.address = full_address(given.address, given.platform, "");
  if (given.user_id.empty() && given.address.empty())
    return invalid("user_id: expected the platform's id of the person or their address, got nothing");
  LINNET_CHECK(check_form(given));
  if (!given.user_id.empty() && given.server.empty() && !has_global_ids(given.platform)) {
    return invalid(fmt::format(
        "server: an id of {} counts on one server alone; name that server (social.example), or give the "
        "person's full address (ada@social.example) to mean them everywhere",
        given.platform));
  }
  return given;
}

std::string full_address(std::string_view acct, std::string_view platform, std::string_view server) {
  if (connect::identity_of(platform).has_handles()) return host_key(user_form(acct));  // a handle is a host
  return has_global_ids(platform) ? user_key(acct) : address_key(acct, server);
}

PersonKey person_key(std::string_view platform, std::string_view server, std::string_view user_id,
                     std::string_view acct) {
  const bool is_global = has_global_ids(platform);
  PersonKey key{std::string(platform), is_global ? std::string() : std::string(server), std::string(user_id),
                full_address(acct, platform, server)};
  // A bare name is nobody's address.
  if (!is_global && key.address.find('@') == std::string::npos) key.address.clear();
  return key;
}

Result<std::string> host_of_instance(store::Connection& connection, InstanceId instance) {
  LINNET_TRY(const auto url, store::query_text(connection, "SELECT base_url FROM instances WHERE id = $1",
                                               {instance.value()}));
  return host_of(url.value_or(""));
}

Status fill_address(store::Connection& connection, PersonKey& person) {
  if (!person.address.empty() || person.user_id.empty()) return {};
  LINNET_TRY(const auto instances, instances_of(connection, person.platform));
  for (const auto& instance : instances) {
    if (!has_global_ids(person.platform) && instance.host != person.server) continue;
    LINNET_TRY(
        const auto acct,
        store::query_text(connection, "SELECT acct FROM platform_users WHERE instance_id = $1 AND id = $2",
                          {instance.id.value(), std::string_view(person.user_id)}));
    if (!acct || acct->empty()) continue;
    person.address = full_address(*acct, person.platform, instance.host);
    return {};
  }
  return {};
}

Result<std::vector<observe::PersonAccount>> accounts_of(store::Connection& connection,
                                                        const PersonKey& person) {
  LINNET_TRY(const auto instances, instances_of(connection, person.platform));
  std::vector<observe::PersonAccount> accounts;
  for (const auto& instance : instances) {
    const bool counts = has_global_ids(person.platform) || instance.host == person.server;
    if (counts && !person.user_id.empty())
      add(accounts, {instance.id, person.platform, person.user_id, acct_on(person, instance)});
    if (!person.address.empty()) LINNET_CHECK(add_by_address(connection, person, instance, accounts));
  }
  return accounts;
}

}  // namespace linnet::govern
