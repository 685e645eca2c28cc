// Every table there is, and what becomes of its rows in a replay, when a person is erased or asks for their
// record, and with time: one place to look, and a test fails for a table that is not here.
#pragma once

#include <vector>

#include "store/record/entity.hpp"

namespace linnet::act {

const std::vector<const record::Entity*>& every_table();

}  // namespace linnet::act
