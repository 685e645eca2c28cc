#include "connect/discord/door.hpp"

#include "connect/discord/acting_discord.hpp"
#include "connect/discord/dispatch_eraser.hpp"
#include "connect/discord/message_payload.hpp"
#include "connect/log_lines.hpp"

namespace linnet::connect::discord {
namespace {

const LineRules kDispatchLines{"discord", make_dispatch_reader, erase_from_dispatch, is_private_dispatch};

std::shared_ptr<ActingConnector> make_acting_discord(const ActingNeeds& needs) {
  return std::make_shared<ActingDiscord>(needs);
}

}  // namespace

PlatformDoor door() {
  PlatformDoor door;
  door.name = "discord";
  door.display_name = "Discord";
  door.description = "Servers of Discord that a bot was invited to";
  door.priority = 30;
  door.capabilities = capabilities_of_discord();
  door.limits = limits_of_discord();
  // Five messages in five seconds to a channel are allowed; a bot that writes much is muted by people first.
  door.ceiling = {300, 120, 60, 120};
  door.posts_are_html = false;
  door.identity = identity_rules();
  door.sign_in = sign_in_door();
  door.sources = source_door();
  door.acting.make = make_acting_discord;
  door.lines = &kDispatchLines;
  return door;
}

}  // namespace linnet::connect::discord
