#include "app/rooms/rooms.hpp"

namespace linnet::app {

Room govern_room() {
  return {.name = "govern",
          .commands =
              {
                  {"Rules and evidence", cli::add_audit_command},
                  {"Rules and evidence", cli::add_block_command},
                  {"Rules and evidence", cli::add_consent_command},
                  {"Start", cli::add_platform_command},
                  {"People and secrets", cli::add_key_command},
                  {"People and secrets", cli::add_user_command},
                  {"People and secrets", cli::add_token_command},
              },
          .routes = {api::access_routes, api::govern_routes, api::blocklist_routes, api::platform_routes}};
}

}  // namespace linnet::app
