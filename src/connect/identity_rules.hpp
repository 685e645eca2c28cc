// How people and posts of a network are known: what is an id, what is a name, and what becomes of a name.
#pragma once

#include <stop_token>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "connect/account_store.hpp"
#include "connect/server_access.hpp"

namespace linnet::connect {

enum class IdOf { post, quoted_post, person, conversation, channel };

// What somebody gave where an id is wanted.
struct GivenName {
  std::string id;
  bool is_settled = true;  // it is one; else a server is to be asked whom or what it names
};

// Left as it is, it is a network of servers, each of which counts people anew and shows them as
// name@server.
struct IdentityRules {
  bool ids_are_global = false;  // an id means the same person on every server
  bool ids_are_dids = false;
  // Over a mention its author may put any name: it does not say whose name that is.
  bool mentions_are_unsure = false;
  // What is published goes to one of several places, which the draft names.
  bool posts_go_to_channels = false;
  // Where people are named by a host ("ada.example") that changes hands: whether it is such a name.
  bool (*is_handle)(std::string_view text) = nullptr;
  // What may be a person's id; null: any text may.
  bool (*is_person_id)(std::string_view text) = nullptr;
  std::string_view expected_person;  // "a DID (did:plc:…) or a handle (ada.example)"
  // The author that the id of a post tells; empty where it tells none. Null: none does.
  std::string (*author_in)(std::string_view post_id) = nullptr;
  // `invalid` for an id that may mean another tomorrow. Null: none may.
  Status (*refuse_passing_id)(std::string_view id) = nullptr;

  // What people paste: a link, an address, a name, an id. Asks nobody; `invalid` begins with `field`.
  Result<GivenName> (*read_name)(std::string_view field, bool is_person, std::string_view given) = nullptr;
  // The id of whom or what that names, as the account's server has it. `invalid` and `not_found` begin with
  // `field`.
  Result<std::string> (*find_id)(const ServerAccess& server, const Credentials& credentials,
                                 std::string_view field, bool is_person, const std::string& name,
                                 const std::stop_token& stop) = nullptr;
  // `invalid` for what can be no id; begins with `field`.
  Status (*check_id)(std::string_view field, IdOf what, std::string_view id) = nullptr;

  [[nodiscard]] bool has_handles() const { return is_handle != nullptr; }
};

}  // namespace linnet::connect
