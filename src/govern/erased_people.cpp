#include "govern/erased_people.hpp"

#include "govern/blocklist_rows.hpp"
#include "govern/opt_out_signs.hpp"

namespace linnet::govern {

Result<bool> is_erased(store::Connection& connection, const PersonKey& person) {
  LINNET_TRY(const auto salt, read_salt(connection));
  return is_erased(connection, person, salt);
}

Result<bool> is_erased(store::Connection& connection, const PersonKey& person, const std::string& salt) {
  if (salt.empty()) return false;
  const auto by_id = opt_out_fingerprint(person.platform, person.server, person.user_id, salt);
  const auto by_address = opt_out_fingerprint(person.platform, "", person.address, salt);
  LINNET_TRY(
      const auto found,
      store::query_text(connection,
                        "SELECT fingerprint FROM opt_out_fingerprints WHERE fingerprint IN ($1, $2) LIMIT 1",
                        {std::string_view(by_id), std::string_view(by_address)}));
  return found.has_value();
}

}  // namespace linnet::govern
