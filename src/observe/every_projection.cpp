#include "observe/every_projection.hpp"

#include "observe/messages/messages_projection.hpp"
#include "observe/posts_projection.hpp"
#include "observe/salience/salience_projection.hpp"

namespace linnet::observe {

std::span<const Projection* const> every_projection() {
  static const Projection* const all[] = {&posts_projection(), &messages_projection(),
                                          &salience_projection()};
  return all;
}

}  // namespace linnet::observe
