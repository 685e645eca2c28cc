#include "observe/person.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"

namespace linnet::observe {
namespace {

constexpr std::string_view kHost = "lower(replace(replace(i.base_url, 'https://', ''), 'http://', ''))";

std::string normalised(std::string_view address) {
  std::string text = fold_case(trim(address));
  if (text.starts_with('@')) text.erase(0, 1);
  return text;
}

// A name that passed from one account to another: whose data is meant must be said.
Result<Person> refuse_two_people(Person person) {
  for (std::size_t i = 1; i < person.accounts.size(); ++i) {
    const auto& one = person.accounts[i - 1];
    const auto& other = person.accounts[i];
    if (one.instance != other.instance) continue;
    return Error::of(
        ErrorKind::conflict,
        fmt::format("{} is the name of two accounts on one server, {} and {}; give the address of the "
                    "profile, or the DID",
                    person.address, one.id, other.id));
  }
  return person;
}

}  // namespace

Result<Person> find_person(store::Connection& connection, std::string_view address) {
  Person person{normalised(address), {}};
  const bool is_link = person.address.starts_with("https://") || person.address.starts_with("http://");
  const bool is_did = person.address.starts_with("did:");
  if (person.address.empty() ||
      (!is_link && !is_did && person.address.find_first_of("@.") == std::string::npos)) {
    return invalid(fmt::format("person: expected an address such as ada@example.social, or a DID, got \"{}\"",
                               truncate_utf8(address, 100)));
  }
  const std::string_view wanted = person.address;
  // An account of the instance itself is written without the instance's host.
  const auto full = fmt::format(
      "CASE WHEN x.acct LIKE '%@%' OR i.platform = 'bluesky' THEN lower(x.acct) "
      "ELSE lower(x.acct) || '@' || {} END",
      kHost);
  const auto take = [&](const store::Statement& row) {
    const bool is_known =
        std::any_of(person.accounts.begin(), person.accounts.end(), [&](const auto& account) {
          return account.instance.value() == row.integer(0) && account.id == row.text(2);
        });
    if (is_known) return;
    person.accounts.push_back({InstanceId(row.integer(0)), std::string(row.text(1)), std::string(row.text(2)),
                               std::string(row.text(3))});
  };
  LINNET_CHECK(store::for_each_row(
      connection,
      fmt::format("SELECT x.instance_id, i.platform, x.id, x.acct FROM platform_users x JOIN instances i ON "
                  "i.id = x.instance_id WHERE lower(x.profile_url) = $1 OR {} = $1 OR (i.platform = "
                  "'bluesky' AND x.id = $1) "
                  "UNION SELECT x.instance_id, i.platform, x.account_id, x.acct FROM post_mentions x JOIN "
                  "instances i ON i.id = x.instance_id WHERE i.platform <> 'bluesky' AND {} = $1 ORDER BY 1, "
                  "3",
                  full, full),
      {wanted}, take));
  return refuse_two_people(std::move(person));
}

}  // namespace linnet::observe
