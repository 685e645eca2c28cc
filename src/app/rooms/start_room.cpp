#include "app/rooms/rooms.hpp"

#include "app/commands.hpp"

namespace linnet::app {

Room start_room() {
  return {.name = "start",
          .commands =
              {
                  {"Start", add_demo_command},
                  {"Start", add_serve_command},
                  {"Start", add_sample_command},
              },
          .routes = {api::status_routes, api::session_routes}};
}

}  // namespace linnet::app
