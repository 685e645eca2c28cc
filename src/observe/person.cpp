#include "observe/person.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "base/person_name.hpp"
#include "base/text.hpp"
#include "connect/every_platform.hpp"
#include "model/address_lookup.hpp"
#include "model/typed_name.hpp"

namespace linnet::observe {
namespace {

bool is_link(std::string_view text) {
  return text.starts_with("https://") || text.starts_with("http://");
}

// "https://BÜCHER.example/@Ada/" as "xn--bcher-kva.example" and "/@ada".
struct Link {
  std::string host;
  std::string path;
  friend bool operator==(const Link&, const Link&) = default;
};
Link read_link(std::string_view text) {
  const auto scheme = text.find("://");
  if (scheme != std::string_view::npos) text.remove_prefix(scheme + 3);
  const auto end = std::min(text.find('/'), text.size());
  Link link{host_key(text.substr(0, end)), fold_case(text.substr(end))};
  while (link.path.ends_with('/')) link.path.pop_back();
  return link;
}

struct Instance {
  InstanceId id{};
  std::string platform;
  std::string base_url;
};
Result<std::vector<Instance>> all_instances(store::Connection& connection) {
  std::vector<Instance> instances;
  LINNET_CHECK(store::for_each_row(
      connection, "SELECT id, platform, base_url FROM instances ORDER BY id", {},
      [&](const store::Statement& row) {
        instances.push_back({InstanceId(row.integer(0)), std::string(row.text(1)), std::string(row.text(2))});
      }));
  return instances;
}

class Finder {
 public:
  explicit Finder(store::Connection& connection) : connection_(connection) {}

  // Everybody whom an instance shows, or names in a post, under the address.
  Status add_address(std::string_view address) {
    const bool is_handle = address.find('@') == std::string_view::npos;
    LINNET_TRY(const auto instances, all_instances(connection_));
    for (const auto& instance : instances) {
      const auto& rules = connect::identity_of(instance.platform);
      if (rules.has_handles() != is_handle) continue;
      LINNET_TRY(const auto shown, model::accounts_shown_as(connection_, instance.id, address));
      for (const auto& account : shown) add(instance, account.id, account.acct);
      if (!rules.mentions_are_unsure) LINNET_CHECK(add_mentioned(instance, address));
    }
    return {};
  }

  Status add_did(std::string_view did) {
    return add_rows("x.id = $1", did, [](const store::Statement& row) {
      return connect::identity_of(row.text(1)).ids_are_dids;
    });
  }

  Status add_profile(std::string_view address) {
    const auto wanted = read_link(address);
    // Wide enough for every spelling of it.
    std::string pattern = "%" + wanted.path + "%";
    std::replace_if(
        pattern.begin(), pattern.end(),
        [](char c) { return c == '\\' || static_cast<unsigned char>(c) >= 0x80; }, '%');
    return add_rows("lower(x.profile_url) LIKE $1", pattern,
                    [&](const store::Statement& row) { return read_link(row.text(5)) == wanted; });
  }

  std::vector<PersonAccount> take() {
    std::sort(accounts_.begin(), accounts_.end(), [](const auto& one, const auto& other) {
      return std::tuple(one.instance.value(), std::string_view(one.id)) <
             std::tuple(other.instance.value(), std::string_view(other.id));
    });
    return std::move(accounts_);
  }

 private:
  void add(const Instance& instance, std::string_view id, std::string_view acct) {
    const bool is_known = std::any_of(accounts_.begin(), accounts_.end(), [&](const auto& account) {
      return account.instance == instance.id && account.id == id;
    });
    if (!is_known) accounts_.push_back({instance.id, instance.platform, std::string(id), std::string(acct)});
  }

  template <typename Fits>
  Status add_rows(std::string_view condition, std::string_view wanted, Fits fits) {
    return store::for_each_row(
        connection_,
        fmt::format(
            "SELECT x.instance_id, i.platform, i.base_url, x.id, x.acct, x.profile_url FROM platform_users x "
            "JOIN instances i ON i.id = x.instance_id WHERE {} ORDER BY x.instance_id, x.id",
            condition),
        {wanted}, [&](const store::Statement& row) {
          if (fits(row))
            add({InstanceId(row.integer(0)), std::string(row.text(1)), std::string(row.text(2))}, row.text(3),
                row.text(4));
        });
  }

  Status add_mentioned(const Instance& instance, std::string_view address) {
    const model::SoughtAddress sought(address, instance.base_url);
    const auto& spellings = sought.spellings();
    return store::for_each_row(
        connection_,
        fmt::format(
            "SELECT DISTINCT account_id, acct FROM post_mentions WHERE instance_id = $1 AND {} ORDER BY 1",
            model::may_spell(connection_.engine(), "acct", 2)),
        {instance.id.value(), std::string_view(spellings[0]), std::string_view(spellings[1]),
         std::string_view(spellings[2]), std::string_view(spellings[3])},
        [&](const store::Statement& row) {
          if (sought.is(row.text(1))) add(instance, row.text(0), row.text(1));
        });
  }

  store::Connection& connection_;
  std::vector<PersonAccount> accounts_;
};

// A name that passed from one account to another: whose data is meant must be said. Spelled otherwise, the
// same server has the same person twice.
Result<Person> refuse_two_people(Person person) {
  std::map<std::pair<std::int64_t, std::string>, std::string_view> bearers;  // their ids
  for (const auto& account : person.accounts) {
    const auto [known, is_first] =
        bearers.try_emplace({account.instance.value(), fold_case(account.acct)}, account.id);
    if (is_first) continue;
    return Error::of(
        ErrorKind::conflict,
        fmt::format("{} is the name of two accounts on one server, {} and {}; give the address of the "
                    "profile, or the DID",
                    person.address, known->second, account.id));
  }
  return person;
}

}  // namespace

std::string address_as_kept(std::string_view typed) {
  const auto address = model::address_as_typed(typed);
  auto text = fold_case(trim(address));
  if (is_link(text) || text.starts_with("did:")) return text;
  auto key = user_key(address);
  return key.find('@') == std::string::npos ? host_key(key) : key;  // a handle is a host
}

Result<Person> find_person(store::Connection& connection, std::string_view typed) {
  // A link to a profile names a person by its form, and servers show addresses of profiles of other forms.
  const auto cleaned = model::clean_name(typed);
  Person person{address_as_kept(typed), {}};
  const bool is_did = person.address.starts_with("did:");
  if (person.address.empty() ||
      (!is_link(person.address) && !is_did && person.address.find_first_of("@.") == std::string::npos)) {
    return invalid(fmt::format("person: expected an address such as ada@example.social, or a DID, got \"{}\"",
                               truncate_utf8(model::address_as_typed(typed), 100)));
  }
  LINNET_CHECK(model::refuse_two_servers("person", person.address));
  Finder finder(connection);
  if (is_link(fold_case(cleaned))) LINNET_CHECK(finder.add_profile(fold_case(cleaned)));
  if (is_did) {
    LINNET_CHECK(finder.add_did(person.address));
  } else if (!is_link(person.address)) {
    LINNET_CHECK(finder.add_address(person.address));
  }
  person.accounts = finder.take();
  return refuse_two_people(std::move(person));
}

}  // namespace linnet::observe
