#include "observe/every_projection.hpp"

#include "observe/posts_projection.hpp"

namespace linnet::observe {

std::span<const Projection* const> every_projection() {
  static const Projection* const all[] = {&posts_projection()};
  return all;
}

}  // namespace linnet::observe
