// What those who listen live are told of a post.
#pragma once

#include <boost/json.hpp>
#include <optional>

#include "observe/applied.hpp"
#include "store/connection.hpp"

namespace linnet::api {

// The post as it is now; nullopt where there is nothing to tell, or nothing that everybody may know: of a
// post that only followers see, its id and its end would say too much.
std::optional<boost::json::object> message_about(store::Connection& reader,
                                                 const observe::AppliedChange& change);

}  // namespace linnet::api
