#include "govern/reached_names.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "model/address_lookup.hpp"

namespace linnet::govern {

Result<std::string> reached_names(store::Connection& connection, const observe::PersonAccount& account) {
  LINNET_TRY(const auto base_url,
             store::query_text(connection, "SELECT base_url FROM instances WHERE id = $1",
                               {account.instance.value()}));
  const model::SoughtAddress sought(account.acct, base_url.value_or(""));
  boost::json::array names;
  LINNET_CHECK(store::for_each_row(connection,
                                   R"(SELECT DISTINCT target_name FROM action_attempts
                                      WHERE target_name IS NOT NULL AND account_id IN (SELECT id
                                        FROM accounts WHERE instance_id = $1))",
                                   {account.instance.value()}, [&](const store::Statement& row) {
                                     if (sought.is(row.text(0))) names.emplace_back(row.text(0));
                                   }));
  return boost::json::serialize(names);
}

std::string is_one_of(store::Engine engine, std::string_view column, std::string_view parameter) {
  return engine == store::Engine::sqlite
             ? fmt::format("{} IN (SELECT value FROM json_each({}))", column, parameter)
             : fmt::format("{} IN (SELECT jsonb_array_elements_text(CAST({} AS jsonb)))", column, parameter);
}

}  // namespace linnet::govern
