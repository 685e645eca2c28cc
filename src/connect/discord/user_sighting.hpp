// People, as Discord shows them.
#pragma once

#include "connect/discord/dispatch_fields.hpp"
#include "model/chat_sighting.hpp"

namespace linnet::connect::discord {

// Without an id where that cannot be read.
model::AccountSighting read_user(DispatchFields& fields, const simdjson::dom::object& user);
// Of a member of the server; `user` is empty where it does not stand in it.
model::MemberSighting read_member(DispatchFields& fields, const simdjson::dom::object& member,
                                  std::string_view server);

}  // namespace linnet::connect::discord
