// What a server that speaks Mastodon's API says that it takes, in any of the forms in which such servers say
// it.
#pragma once

#include <boost/json/object.hpp>

#include "connect/acting_connector.hpp"
#include "connect/mastodon/server_kind.hpp"

namespace linnet::connect::mastodon {

// Fills in what is not known yet from the server's own description, /api/v2/instance or /api/v1/instance:
// `configuration` as Mastodon has it since 3.4, else `max_toot_chars`, `poll_limits`, `upload_limit` and
// `description_limit` as Akkoma, Pleroma, glitch-soc and Hometown have them. What none of them says stays
// unknown.
void fill_limits(PlatformLimits& limits, const boost::json::object& instance, ServerFamily family);

// Whether all is known that is judged before anything is sent.
bool says_everything(const PlatformLimits& limits);

}  // namespace linnet::connect::mastodon
