// What can be thought about, and the ledger of how much attention each topic deserves, kept with what earns
// it.
#pragma once

#include "observe/projection.hpp"

namespace linnet::observe {

const Projection& salience_projection();

}  // namespace linnet::observe
