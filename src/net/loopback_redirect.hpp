// The end of an OAuth log-in on one's own machine: the browser is sent back to a port that we listen on.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <stop_token>
#include <string>

#include "base/instant.hpp"
#include "base/result.hpp"

namespace linnet::net {

// Listens on 127.0.0.1 until one redirect came or the object is gone.
class LoopbackRedirect {
 public:
  // On this port, or on one that the system picks (0).
  static Result<LoopbackRedirect> listen(std::uint16_t port = 0);
  LoopbackRedirect(LoopbackRedirect&&) noexcept;
  LoopbackRedirect& operator=(LoopbackRedirect&&) noexcept;
  ~LoopbackRedirect();

  // "http://127.0.0.1:PORT/callback", to be given to the server as redirect_uri.
  [[nodiscard]] std::string redirect_uri() const;

  // Waits for /callback with state=`expected_state`; a request with another state gets an error page and is
  // not taken. Returns the query's parameters (`code`, or `error` and `error_description`). `unavailable`
  // after `timeout`, `cancelled` when stopped.
  Result<std::map<std::string, std::string>> wait(const std::string& expected_state, Duration timeout,
                                                  const std::stop_token& stop);

 private:
  struct State;
  explicit LoopbackRedirect(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace linnet::net
