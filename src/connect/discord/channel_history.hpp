// Messages that were written while nobody listened, read from the server by their snowflakes.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "connect/discord/gateway_frame.hpp"
#include "connect/discord/rest_client.hpp"
#include "connect/source.hpp"

namespace linnet::connect::discord {

// One message as an event's payload: with its server, which REST leaves out.
struct ReadMessage {
  std::uint64_t id = 0;
  std::string payload;
};

// Called with messages of one channel, oldest first.
using OnMessages = std::function<Status(std::vector<ReadMessage> messages)>;

struct GapWanted {
  std::uint64_t after = 0;  // a snowflake: what came later
  ShardName shard;
  std::function<bool(std::string_view server)> is_watched;
};

// Of every channel and active thread that the bot may read. Returns what could not be read, for people;
// empty: all of it was. Channels that the bot may not look back in are no error.
Result<std::string> read_gap(RestClient& rest, const GapWanted& wanted, const OnMessages& on_messages,
                             const std::stop_token& stop);

// `timeline` is channel:ID; back from the newest, or from `resume`.
Result<BackfillProgress> read_back(const ServerAccess& server, const std::string& token,
                                   const BackfillWanted& wanted, EventSink& sink,
                                   const std::function<double()>& random,
                                   const std::function<void(const BackfillProgress&)>& on_progress,
                                   const std::stop_token& stop);

// The messages of a page, oldest first.
Result<std::vector<ReadMessage>> read_page(std::string_view body, std::string_view server);

// A line of the log.
std::string line_of(Instant now, std::string_view event, std::string_view payload);

}  // namespace linnet::connect::discord
