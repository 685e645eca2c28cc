// Which statuses were handed on already, as the log has them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace linnet::connect::mastodon {

// The id, and when it was edited (as written; empty: never), of the status that a line of the log brought;
// nullopt where it brought none. `line` is one of make_event_line().
std::optional<std::pair<std::string, std::string>> status_handed_on(std::string_view event,
                                                                    std::string_view line);

}  // namespace linnet::connect::mastodon
