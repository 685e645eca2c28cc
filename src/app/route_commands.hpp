// Commands that are made of routes: what the API says of a route is what --help says of its command, what it
// takes are the options, and --json prints what it answers.
#pragma once

#include <vector>

#include "api/routes.hpp"
#include "cli/context.hpp"

namespace linnet::app {

// Those of them that name a command ("hashtags show"). The values of the path are arguments, in their order;
// the parameters and the members of the body are options: "min_posts" is --min-posts. What is under none of a
// room's own commands stands under `heading` in --help.
void add_route_commands(CLI::App& program, cli::Context& context, const std::vector<api::Route>& routes,
                        const char* heading);

// What a command prints of an answer: of a page its items.
boost::json::value as_printed(boost::json::value answer);

}  // namespace linnet::app
