#include "observe/person.hpp"

#include <fmt/format.h>

#include "base/text.hpp"

namespace linnet::observe {
namespace {

constexpr std::string_view kHost = "lower(replace(replace(i.base_url, 'https://', ''), 'http://', ''))";

std::string normalised(std::string_view address) {
  std::string text = fold_case(trim(address));
  if (text.starts_with('@')) text.erase(0, 1);
  return text;
}

}  // namespace

Result<Person> find_person(store::Connection& connection, std::string_view address) {
  Person person{normalised(address), {}};
  const bool is_link = person.address.starts_with("https://") || person.address.starts_with("http://");
  if (person.address.empty() || (!is_link && person.address.find_first_of("@.") == std::string::npos)) {
    return invalid(fmt::format("person: expected an address such as ada@example.social, got \"{}\"",
                               truncate_utf8(address, 100)));
  }
  const std::string_view wanted = person.address;
  // An account of the instance itself is written without the instance's host.
  const auto full = fmt::format(
      "CASE WHEN x.acct LIKE '%@%' OR i.platform = 'bluesky' THEN lower(x.acct) "
      "ELSE lower(x.acct) || '@' || {} END",
      kHost);
  const auto take = [&](const store::Statement& row) {
    person.accounts.push_back({InstanceId(row.integer(0)), std::string(row.text(1)), std::string(row.text(2)),
                               std::string(row.text(3))});
  };
  LINNET_CHECK(store::for_each_row(
      connection,
      fmt::format("SELECT x.instance_id, i.platform, x.id, x.acct FROM platform_users x JOIN instances i ON "
                  "i.id = x.instance_id WHERE lower(x.profile_url) = $1 OR {} = $1 "
                  "UNION SELECT x.instance_id, i.platform, x.account_id, x.acct FROM post_mentions x JOIN "
                  "instances i ON i.id = x.instance_id WHERE {} = $1 ORDER BY 1, 3",
                  full, full),
      {wanted}, take));
  return person;
}

}  // namespace linnet::observe
