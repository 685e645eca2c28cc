// What the handlers of routes work with when a command asks them. What only reads opens the database alone: a
// writer starts with the first write, and the key is opened where something sealed is to be read.
#pragma once

#include <memory>

#include "api/routes.hpp"
#include "cli/context.hpp"

namespace linnet::app {

class RouteParts {
 public:
  // The context outlives it.
  static Result<std::unique_ptr<RouteParts>> open(cli::Context& context, net::Method method);
  virtual ~RouteParts() = default;
  [[nodiscard]] virtual api::Api& api() = 0;
};

}  // namespace linnet::app
