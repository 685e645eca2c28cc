// Calls of Discord's REST API, version 10, in a bot's name. Blocking, thread-safe.
#pragma once

#include <boost/json/value.hpp>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>

#include "connect/server_access.hpp"

namespace linnet::connect::discord {

// What every bot may ask in all, beside the limits of each route (docs.discord.com/developers/topics/
// rate-limits).
inline constexpr Pace kGlobalPace{50, std::chrono::seconds(1)};

struct RestCall {
  std::string method = "GET";
  std::string path;  // below /api/v10
  std::string body;  // empty: none
  std::string content_type = "application/json";
  // Asked right before it is sent, after every wait: an error keeps it back. Empty: nothing can have changed.
  std::function<Status()> still_wanted = {};
};

class RestClient {
 public:
  // What `server` refers to outlives the client.
  RestClient(const ServerAccess& server, std::string token);

  // Waits for the limits of the route and of all. Any status is a value.
  Result<net::HttpResponse> call(const RestCall& call, const std::stop_token& stop);
  // A call that must succeed, as JSON (null where the answer is empty). Tried again a few times while Discord
  // says that it was too much.
  Result<boost::json::value> ask(const RestCall& call, const std::stop_token& stop);
  // The body of a GET, for what is handed on as it came.
  Result<std::string> read(const std::string& path, const std::stop_token& stop);
  // What an answer that is no success means, in words.
  [[nodiscard]] Error error_of(const net::HttpResponse& response) const;
  // When the next such call may go.
  [[nodiscard]] Instant next(const RestCall& call) const;

 private:
  Result<net::HttpResponse> succeed(const RestCall& call, const std::stop_token& stop);

  ServerAccess server_;
  std::string token_;
};

// The limit that a call counts for: that of its route, for each channel or server by itself.
std::string limit_of_call(std::string_view method, std::string_view path);

}  // namespace linnet::connect::discord
