// Everything that is made of the event log, in the order in which events are applied to it: what salience is
// earned by, posts and messages, comes before the ledger.
#pragma once

#include <span>

#include "observe/projection.hpp"

namespace linnet::observe {

std::span<const Projection* const> every_projection();

}  // namespace linnet::observe
