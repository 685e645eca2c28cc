// Posts with their versions, counts, hashtags and authors, and the figures of hashtags by the hour.
#pragma once

#include "observe/projection.hpp"

namespace linnet::observe {

const Projection& posts_projection();

}  // namespace linnet::observe
