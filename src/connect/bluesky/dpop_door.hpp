// Requests that prove their key: adds the proof, keeps each server's newest nonce, asks again once where a
// server wants a newer one.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "base/clock.hpp"
#include "connect/bluesky/dpop.hpp"
#include "connect/budgeted_send.hpp"
#include "net/http_transport.hpp"

namespace linnet::connect::bluesky {

// Signing in and out are counted by themselves.
constexpr std::string_view kSessions = "sessions";

// One thread at a time.
class DpopDoor {
 public:
  // The references outlive the door.
  DpopDoor(net::HttpTransport& transport, RequestBudget& budget, Clock& clock, DpopKey key);

  // With `token`, unless it is empty, as «Authorization: DPoP …». Redirects are refused: what carries a token
  // goes nowhere else.
  Result<net::HttpResponse> send(net::HttpRequest request, const std::string& token,
                                 const std::stop_token& stop, const Going& going = {.kind = kSessions});
  [[nodiscard]] const DpopKey& key() const { return key_; }

 private:
  Result<net::HttpResponse> send_once(net::HttpRequest request, const std::string& token,
                                      const std::string& origin, const std::stop_token& stop,
                                      const Going& going);

  net::HttpTransport& transport_;
  RequestBudget& budget_;
  Clock& clock_;
  DpopKey key_;
  std::map<std::string, std::string> nonces_;  // by origin
};

}  // namespace linnet::connect::bluesky
