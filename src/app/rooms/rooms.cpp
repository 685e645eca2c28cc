#include "app/rooms/rooms.hpp"

namespace linnet::app {

std::vector<Room> rooms() {
  return {start_room(),  connect_room(), analyze_room(), observe_room(), topics_room(),
          layers_room(), act_room(),     govern_room(),  models_room(),  upkeep_room()};
}

std::vector<api::RouteFamily> route_families() {
  std::vector<api::RouteFamily> families;
  for (const auto& room : rooms()) families.insert(families.end(), room.routes.begin(), room.routes.end());
  return families;
}

std::vector<api::Route> all_routes() {
  std::vector<api::Route> all;
  for (const auto family : route_families()) {
    const auto routes = family();
    all.insert(all.end(), routes.begin(), routes.end());
  }
  return all;
}

}  // namespace linnet::app
