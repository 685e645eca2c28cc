#include "connect/budgeted_send.hpp"

#include <fmt/format.h>

namespace linnet::connect {

Error transport_error(const Error& error, std::string_view server) {
  if (error.kind == ErrorKind::cancelled) return error;
  const auto kind = error.kind == ErrorKind::invalid ? ErrorKind::unavailable : error.kind;
  auto named =
      Error::of(kind, fmt::format("{}: {}", server, error.message),
                // Where words of its own were found for it they name the server.
                error.safe == error.message ? fmt::format("{}: {}", server, error.safe) : error.safe);
  named.never_sent = error.never_sent;
  return named;
}

Result<net::HttpResponse> send_in_budget(net::HttpTransport& transport, RequestBudget& budget,
                                         const net::HttpRequest& request, const std::stop_token& stop,
                                         const Going& going) {
  auto may = budget.wait(going.priority, stop, going.kind);
  if (may && going.still_wanted) may = going.still_wanted();
  if (!may) {
    auto error = may.error();
    error.never_sent = true;
    return error;
  }
  auto response = transport.send(request, stop);
  if (response) budget.on_response(response->status, response->headers, going.kind);
  if (response || going.server.empty()) return response;
  return transport_error(response.error(), going.server);
}

}  // namespace linnet::connect
