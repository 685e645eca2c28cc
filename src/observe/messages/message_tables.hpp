// The tables that are made of events about messages.
#pragma once

#include <vector>

#include "observe/projection.hpp"

namespace linnet::observe {

const std::vector<record::Entity>& message_tables();
const std::vector<DigestedRows>& digested_messages();

}  // namespace linnet::observe
