// The pictures and films that go with an action, for whoever decides on it.
#pragma once

#include "api/routes.hpp"

namespace linnet::api {

// The file at the place {n}, from 0, of the action {id}. What a browser could run is given for saving only.
Answer action_media(const Call& call);

}  // namespace linnet::api
