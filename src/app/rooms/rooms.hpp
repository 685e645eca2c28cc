// What the program consists of, room by room: each brings its commands, its routes and its jobs. Its tables
// are described beside its records; what becomes of their rows is act/every_table.cpp.
#pragma once

#include <string_view>
#include <vector>

#include "api/routes.hpp"
#include "app/job_handlers.hpp"
#include "cli/context.hpp"

namespace linnet::app {

struct RoomCommand {
  const char* heading;  // of --help
  void (*add)(CLI::App& program, cli::Context& context);
};

struct RoomJob {
  std::string_view kind;  // as jobs::known_kinds() has it
  Status (*does)(const JobParts& parts, jobs::JobContext& context);
};

struct Room {
  std::string_view name;
  std::vector<RoomCommand> commands = {};
  std::vector<api::RouteFamily> routes = {};
  std::vector<RoomJob> jobs = {};
  const char* heading = "";  // of commands made of its routes, where it has none by hand
};

// Each in a file of its own beside this one.
Room start_room();    // what begins: demo, serve, sample
Room connect_room();  // networks, and the accounts there
Room analyze_room();  // what posts and hashtags say
Room observe_room();  // the event log
Room topics_room();   // what can be thought about, and how much attention each deserves
Room layers_room();   // what is thought about, and what was understood
Room act_room();      // what is done in somebody's name, and what is kept of people
Room govern_room();   // rules, evidence, people and secrets
Room models_room();   // language models
Room upkeep_room();   // the database, jobs, settings

// In the order in which --help and the API's document show them.
std::vector<Room> rooms();

std::vector<api::RouteFamily> route_families();
std::vector<api::Route> all_routes();

}  // namespace linnet::app
