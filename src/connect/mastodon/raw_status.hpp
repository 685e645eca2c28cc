// Statuses as a server sent them, cut out of its answers without being written anew.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace linnet::connect::mastodon {

struct RawStatus {
  std::string id;
  std::string edited_at;  // as written; empty when it was never edited
  std::string acct;       // of the author; empty where it is not told
  std::string json;
};

// One status. `invalid` when it is no JSON object, or has no id.
Result<RawStatus> read_raw_status(std::string_view json);

// The statuses of an array, in its order. Elements that are no objects or have no id are left out and
// counted.
struct RawStatuses {
  std::vector<RawStatus> statuses;
  std::size_t unreadable = 0;
};
Result<RawStatuses> split_statuses(std::string_view json_array);

// Whether a is older than b, for the ids of Mastodon (numbers), Pleroma (flakes) and GoToSocial (ULIDs): all
// grow with time.
bool id_less(std::string_view a, std::string_view b);

// An id that is `milliseconds` older, for ids that hold the time as Mastodon's do (a number, milliseconds
// since 1970 × 2¹⁶); nullopt for others.
std::optional<std::string> id_earlier(std::string_view id, std::int64_t milliseconds);

}  // namespace linnet::connect::mastodon
