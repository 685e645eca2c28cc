// Who follows the user's own account, and whom it follows: the table account_follows.
#pragma once

#include <stop_token>
#include <string>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "connect/mastodon/api_client.hpp"
#include "connect/source.hpp"
#include "store/writer.hpp"

namespace linnet::connect::mastodon {

// Reads both lists page by page, as far as the budget leaves room, and takes out those that are no longer in
// them: only once a list was read to its end, so that a broken reading removes nobody.
Result<FollowsRead> read_follows(ApiClient& api, store::Writer& writer, InstanceId instance,
                                 const PlatformUserId& account, Clock& clock, const std::stop_token& stop);

}  // namespace linnet::connect::mastodon
