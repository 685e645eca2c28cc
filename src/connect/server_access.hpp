// The way to one server of a network.
#pragma once

#include <string>

#include "base/clock.hpp"
#include "connect/request_budget.hpp"
#include "net/http_transport.hpp"

namespace linnet::connect {

// The references outlive whatever is made with it.
struct ServerAccess {
  net::HttpTransport& transport;
  RequestBudget& budget;  // of the server and the account that asks
  Clock& clock;
  std::string base_url;
};

}  // namespace linnet::connect
