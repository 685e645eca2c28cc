// A dispatch while it is read, and the readers of the kinds that message_payload.cpp leaves to others.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <vector>

#include "connect/discord/dispatch_fields.hpp"
#include "connect/log_lines.hpp"
#include "model/chat_sighting.hpp"

namespace linnet::connect::discord {

struct Dispatch {
  DispatchFields& fields;
  DispatchFields::Object data;
  std::string_view event;
  std::string_view server;
  std::vector<model::ChatSighting>& chat;
};

inline bool ends(std::string_view event, std::string_view word) {
  return event.ends_with(word);
}

inline std::string missing(std::string_view name, std::string_view what) {
  return fmt::format("{}: expected {}, got nothing that can be read", name, what);
}

// Of a server: server_payload.cpp.
FieldError read_server(Dispatch& in);
FieldError read_role_event(Dispatch& in);
FieldError read_channel_event(Dispatch& in);
FieldError read_threads(Dispatch& in);
FieldError read_member_event(Dispatch& in);

}  // namespace linnet::connect::discord
