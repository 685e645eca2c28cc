#include "connect/bluesky/resolve_handle.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "connect/bluesky/record_key.hpp"
#include "connect/bluesky/session.hpp"
#include "connect/budgeted_send.hpp"
#include "net/url.hpp"

namespace linnet::connect::bluesky {

Result<std::string> resolve_handle(net::HttpTransport& transport, RequestBudget& budget,
                                   const std::string& service, const std::string& handle,
                                   const std::stop_token& stop) {
  if (!is_handle(handle))
    return invalid(
        fmt::format("expected a handle such as ada.bsky.social, got \"{}\"", handle.substr(0, 100)));
  net::HttpRequest request;
  request.url = net::with_query(service + "/xrpc/com.atproto.identity.resolveHandle", {{"handle", handle}});
  request.max_body_bytes = 64U << 10U;
  LINNET_TRY(const auto response, send_in_budget(transport, budget, request, stop));
  // A PDS says 400 for a handle that nobody has.
  if (response.status == 400 || response.status == 404)
    return not_found(fmt::format("{} knows nobody by the handle {}", service, handle));
  if (response.status != 200) return xrpc_error(response, service);
  boost::system::error_code code;
  const auto body = boost::json::parse(response.body, code);
  const auto* const did = code || !body.is_object() ? nullptr : body.as_object().if_contains("did");
  if (did == nullptr || !did->is_string() || !is_did(did->as_string()))
    return unavailable(fmt::format("{} did not say whose handle it is: is it a PDS?", service));
  return std::string(did->as_string());
}

}  // namespace linnet::connect::bluesky
