// Messages of servers with channels, in the shape of the document on the data model, with the reactions to
// them, where they stand and who is there.
#pragma once

#include "observe/projection.hpp"

namespace linnet::observe {

const Projection& messages_projection();

}  // namespace linnet::observe
