// Where the last run came to in what the gateway tells, for each shard: kept as the cursor of the reader.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/instant.hpp"

namespace linnet::connect::discord {

struct ShardPlace {
  std::string session;   // empty: none that could be resumed
  std::string url;       // where it is resumed
  std::int64_t seq = 0;  // of the last dispatch of it that was handed on
  Instant at{};          // all that happened up to here was handed on …
  bool has_gap = true;   // … and what came later perhaps not all
};

std::string to_cursor(const std::vector<ShardPlace>& places);
// On a first start each shard begins `look_back` before now. Of another number of shards no session goes on,
// and each begins where the one furthest behind came to.
std::vector<ShardPlace> read_cursor(const std::optional<std::string>& cursor, std::size_t shards, Instant now,
                                    Duration look_back);

}  // namespace linnet::connect::discord
