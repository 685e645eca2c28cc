// Names of AT Protocol records: TIDs and AT URIs (atproto.com/specs/tid, atproto.com/specs/at-uri-scheme).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/instant.hpp"
#include "connect/did.hpp"

namespace linnet::connect::bluesky {

// 13 letters that sort by time: 53 bits of microseconds, 10 bits of `clock_id`.
std::string make_tid(Instant t, std::uint64_t clock_id);
bool is_tid(std::string_view text);
using connect::is_did;
bool is_handle(std::string_view text);

struct AtUri {
  std::string repo;  // DID or handle
  std::string collection;
  std::string key;
  [[nodiscard]] std::string to_string() const { return "at://" + repo + "/" + collection + "/" + key; }
};
// One that names a record; nullopt for anything else.
std::optional<AtUri> parse_at_uri(std::string_view text);

}  // namespace linnet::connect::bluesky
