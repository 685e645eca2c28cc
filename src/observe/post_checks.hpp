// What `db check` recomputes of posts, beside the figures of hashtags.
#pragma once

#include "observe/projection.hpp"

namespace linnet::observe {

std::span<const Comparison> post_checks();

}  // namespace linnet::observe
