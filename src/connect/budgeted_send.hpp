// A request that leaves within what its server allows.
#pragma once

#include <functional>
#include <optional>
#include <stop_token>
#include <string_view>

#include "connect/request_budget.hpp"
#include "net/http_transport.hpp"

namespace linnet::connect {

struct Going {
  Priority priority = Priority::normal;
  std::string_view kind = {};  // of the budget, as RequestBudget has it
  // Asked right before it is sent, after every wait: an error keeps it back. Empty: nothing can have changed.
  std::function<Status()> still_wanted = {};
  std::string_view server = {};  // named in errors of the transport; empty: they stay as they are
};

// Such an error in words that name the server. Our own requests are well formed: what is invalid is where the
// server sends us.
Error transport_error(const Error& error, std::string_view server);

// Waits for the budget, asks whether it is still wanted, sends, and tells the budget what the answer says.
// An error that is `never_sent` says that it certainly did not leave.
Result<net::HttpResponse> send_in_budget(net::HttpTransport& transport, RequestBudget& budget,
                                         const net::HttpRequest& request, const std::stop_token& stop,
                                         const Going& going = {});

}  // namespace linnet::connect
