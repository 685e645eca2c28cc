#include "app/rooms/rooms.hpp"

#include "app/table_jobs.hpp"

namespace linnet::app {

Room observe_room() {
  return {.name = "observe",
          .commands =
              {
                  {"Understand", cli::add_events_command},
              },
          .routes = {api::event_routes},
          .jobs = {
              {"replay", replay},
              {"retry", retry_events},
          }};
}

}  // namespace linnet::app
