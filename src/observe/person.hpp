// A person as the observed networks know them: one address, an account on each instance that showed it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/ids.hpp"
#include "store/connection.hpp"

namespace linnet::observe {

struct PersonAccount {
  InstanceId instance{};
  std::string platform;
  std::string id;    // the platform's own
  std::string acct;  // as that instance writes it
};

struct Person {
  std::string address;  // ada@example.social; ada.example.com on Bluesky
  std::vector<PersonAccount> accounts;
};

// The address in the one spelling by which people are found, whoever has it.
std::string address_as_kept(std::string_view typed);

// Finds who has the address, in whatever spelling (see user_key), or the profile's address on the web. People
// who were only mentioned are found too, but on Bluesky, where anybody may put another's name over a mention;
// a DID is taken as well. `conflict` when one server has two accounts of that name. `invalid` names what was
// expected; without accounts when nobody has it.
Result<Person> find_person(store::Connection& connection, std::string_view address);

}  // namespace linnet::observe
