#include "govern/person_key.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "govern/blocklist_forms.hpp"
#include "model/platform.hpp"

namespace linnet::govern {
namespace {

constexpr std::size_t kLongest = 1'000;

Result<std::string> read_server(std::string_view server) {
  if (trim(server).empty()) return std::string();
  std::string text(trim(server));
  if (text.find("://") == std::string::npos) text.insert(0, "https://");
  auto host = host_of(text);
  if (!host.empty()) return host;
  return invalid(fmt::format("server: expected a host such as social.example, got \"{}\"",
                             truncate_utf8(to_valid_utf8(server), 80)));
}

bool is_handle(std::string_view platform, std::string_view id) {
  if (platform == "bluesky") return !id.starts_with("did:") && id.find('.') != std::string_view::npos;
  return id.find('@') != std::string_view::npos;
}

// What can be nobody's id would count for nobody, silently.
Status check_form(const PersonKey& person) {
  if (person.user_id.find("://") != std::string::npos || person.address.find("://") != std::string::npos)
    return invalid("user_id: expected an id or an address such as ada@social.example, got a link");
  if (person.platform != "bluesky" || person.user_id.empty() || person.user_id.starts_with("did:")) return {};
  return invalid(fmt::format("user_id: expected a DID (did:plc:…) or a handle (ada.example), got \"{}\"",
                             truncate_utf8(person.user_id, 80)));
}

struct Instance {
  InstanceId id{};
  std::string host;
};
Result<std::vector<Instance>> instances_of(store::Connection& connection, const std::string& platform) {
  std::vector<Instance> instances;
  LINNET_CHECK(store::for_each_row(connection, "SELECT id, base_url FROM instances WHERE platform = $1",
                                   {std::string_view(platform)}, [&](const store::Statement& row) {
                                     instances.push_back({InstanceId(row.integer(0)), host_of(row.text(1))});
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
std::string acct_on(const PersonKey& person, const std::string& host) {
  if (server_of(person.address) != host || host.empty()) return person.address;
  return person.address.substr(0, person.address.size() - host.size() - 1);
}

Status add_by_address(store::Connection& connection, const PersonKey& person, const Instance& instance,
                      std::vector<observe::PersonAccount>& accounts) {
  const auto acct = acct_on(person, instance.host);
  std::vector<std::string> ids;
  LINNET_CHECK(store::for_each_row(
      connection,
      "SELECT id FROM platform_users WHERE instance_id = $1 AND lower(acct) IN ($2, $3) UNION SELECT "
      "participant_id FROM dm_threads WHERE lower(participant_username) IN ($2, $3) AND account_id IN "
      "(SELECT id FROM accounts WHERE instance_id = $1)",
      {instance.id.value(), std::string_view(acct), std::string_view(person.address)},
      [&](const store::Statement& row) { ids.emplace_back(row.text(0)); }));
  // Nobody shown yet: what waits for the name alone is found all the same.
  if (ids.empty()) ids.emplace_back();
  for (auto& id : ids) add(accounts, {instance.id, person.platform, std::move(id), acct});
  return {};
}

}  // namespace

bool has_global_ids(std::string_view platform) {
  return platform == "bluesky" || platform == "discord";
}

Result<PersonKey> read_person(PersonKey given) {
  LINNET_TRY(given.platform,
             model::read_platform("platform", given.platform, ", the one that the person is on"));
  if (given.platform.empty())
    return invalid("platform: expected bluesky or mastodon, the one that the person is on, got nothing");
  LINNET_TRY(given.server, read_server(given.server));
  std::string id(trim(given.user_id));
  if (!is_valid_utf8(id) || id.find('\0') != std::string::npos || id.size() > kLongest)
    return invalid(fmt::format("user_id: expected at most {} bytes of UTF-8 without NUL", kLongest));
  const bool is_marked = id.starts_with('@');
  id.erase(0, std::min(id.find_first_not_of('@'), id.size()));
  if (is_handle(given.platform, id)) {
    given.address = user_key(id);
    id.clear();
  } else if (is_marked && !given.server.empty()) {
    given.address = full_address(id, given.platform, given.server);
    id.clear();
  }
  if (has_global_ids(given.platform)) given.server.clear();
  given.user_id = std::move(id);
  given.address = user_key(given.address);
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
  const auto key = user_key(acct);
  if (key.empty() || has_global_ids(platform) || server.empty() || key.find('@') != std::string::npos)
    return key;
  return fmt::format("{}@{}", key, server);
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
      add(accounts, {instance.id, person.platform, person.user_id, acct_on(person, instance.host)});
    if (!person.address.empty()) LINNET_CHECK(add_by_address(connection, person, instance, accounts));
  }
  return accounts;
}

}  // namespace linnet::govern
