#include "model/address_lookup.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/person_name.hpp"

namespace linnet::model {
namespace {

// "social.example", or "social.example:3000".
std::string_view server_in(std::string_view base_url) {
  const auto scheme = base_url.find("://");
  if (scheme != std::string_view::npos) base_url.remove_prefix(scheme + 3);
  return base_url.substr(0, base_url.find('/'));
}

bool is_on(std::string_view server, std::string_view base_url) {
  const auto host = host_key(server_in(base_url));
  if (server == host) return true;
  // Where it has a port, people may leave that away.
  const auto colon = host.rfind(':');
  return colon != std::string::npos && server == std::string_view(host).substr(0, colon);
}

}  // namespace

SoughtAddress::SoughtAddress(std::string_view address, std::string_view base_url)
    : key_(user_key(address)), spellings_{key_, key_, key_, key_} {
  const auto server = server_of(key_);
  if (server.empty()) {
    spellings_[2] = address_key(key_, server_in(base_url));
  } else if (is_on(server, base_url)) {
    spellings_[1] = local_name_of(key_);
  }
  if (!server.empty()) spellings_[3] = key_ + '.';
}

bool SoughtAddress::is(std::string_view acct) const {
  const auto shown = user_key(acct);
  return !shown.empty() && std::find(spellings_.begin(), spellings_.end(), shown) != spellings_.end();
}

std::string is_beyond_ascii(store::Engine engine, std::string_view column) {
  return engine == store::Engine::sqlite ? fmt::format("length(CAST({0} AS BLOB)) <> length({0})", column)
                                         : fmt::format("octet_length({0}) <> char_length({0})", column);
}

std::string may_spell(store::Engine engine, std::string_view column, int first) {
  return fmt::format("(lower({0}) IN (${1}, ${2}, ${3}, ${4}) OR {5})", column, first, first + 1, first + 2,
                     first + 3, is_beyond_ascii(engine, column));
}

Result<std::vector<ShownAccount>> accounts_shown_as(store::Connection& connection, InstanceId instance,
                                                    std::string_view address) {
  LINNET_TRY(
      const auto base_url,
      store::query_text(connection, "SELECT base_url FROM instances WHERE id = $1", {instance.value()}));
  const SoughtAddress sought(address, base_url.value_or(""));
  const auto& spellings = sought.spellings();
  std::vector<ShownAccount> found;
  // Each half has an index of its own.
  LINNET_CHECK(
      store::for_each_row(connection,
                          fmt::format(
                              R"(SELECT id, acct FROM platform_users
                                 WHERE instance_id = $1 AND lower(acct) IN ($2, $3, $4, $5) UNION
                                 SELECT id, acct FROM platform_users
                                 WHERE instance_id = $1 AND {} ORDER BY id)",
                              is_beyond_ascii(connection.engine(), "acct")),
                          {instance.value(), std::string_view(spellings[0]), std::string_view(spellings[1]),
                           std::string_view(spellings[2]), std::string_view(spellings[3])},
                          [&](const store::Statement& row) {
                            if (sought.is(row.text(1)))
                              found.push_back({std::string(row.text(0)), std::string(row.text(1))});
                          }));
  return found;
}

}  // namespace linnet::model
