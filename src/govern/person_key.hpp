// Who a person is to a platform: an id, and where that id means them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/ids.hpp"
#include "observe/person.hpp"
#include "store/connection.hpp"

namespace linnet::govern {

// Mastodon counts people on each server anew: 42 on one is somebody else than 42 on another. A person is
// known across servers by the address alone.
struct PersonKey {
  std::string platform;
  std::string server;   // host of the instance whose id it is; empty: the key counts everywhere
  std::string user_id;  // the platform's own; empty where the address alone is known
  std::string address;  // "ada@example.social", or a handle; in the form of user_key, empty where not known
};

// Whether an id means the same person on every server (DIDs, Discord's numbers).
bool has_global_ids(std::string_view platform);

// The host of a server as a person or program wrote it, also as a link; empty where nothing was written.
Result<std::string> read_server(std::string_view server);

// The key as a person or program wrote it, with an id, an address or a handle as `user_id` and a host or URL
// as `server`. `invalid` names the field: an unknown platform, nobody, an id of one server without that
// server.
Result<PersonKey> read_person(PersonKey given);

// How an instance writes somebody ("ada", "ada@example.social") as an address.
std::string full_address(std::string_view acct, std::string_view platform, std::string_view server);
// The key of somebody whom an instance shows.
PersonKey person_key(std::string_view platform, std::string_view server, std::string_view user_id,
                     std::string_view acct);

// The host of the instance; empty when there is none such.
Result<std::string> host_of_instance(store::Connection& connection, InstanceId instance);

// Fills in the address where it is not known and the instance has shown the person.
Status fill_address(store::Connection& connection, PersonKey& person);

// What the person is on every instance of the platform: by the id where it counts, and by the address. One
// whose id is not known there has an empty one.
Result<std::vector<observe::PersonAccount>> accounts_of(store::Connection& connection,
                                                        const PersonKey& person);

}  // namespace linnet::govern
