// What people paste where something of Discord is meant, and the form in which Linnet keeps it: people and
// channels by their snowflakes, messages by channel and message ("323…/500…"), as every call about a message
// names both.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "connect/identity_rules.hpp"

namespace linnet::connect::discord {

struct MessageName {
  std::string channel;
  std::string message;
};

// "CHANNEL/MESSAGE"
std::optional<MessageName> parse_message_name(std::string_view id);
std::string message_name(std::string_view channel, std::string_view message);
// Where a person can look at it; `server` is empty for a direct message.
std::string link_to(std::string_view server, const MessageName& message);

IdentityRules identity_rules();

}  // namespace linnet::connect::discord
