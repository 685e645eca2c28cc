#include "connect/bluesky/names.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "connect/bluesky/record_key.hpp"
#include "connect/bluesky/session.hpp"
#include "net/url.hpp"

namespace linnet::connect::bluesky {

bool names_handle(std::string_view id) {
  if (const auto uri = parse_at_uri(id)) return !is_did(uri->repo);
  return is_handle(id);
}

std::string handle_in(const std::string& id) {
  const auto uri = parse_at_uri(id);
  return uri ? uri->repo : id;
}

std::string put_did(const std::string& id, const std::string& did) {
  auto uri = parse_at_uri(id);
  if (!uri) return did;
  uri->repo = did;
  return uri->to_string();
}

Result<std::string> read_did(const net::HttpResponse& response, const std::string& handle,
                             const std::string& service) {
  // 400 is how servers say that nobody has it.
  if (response.status == 400 || response.status == 404)
    return not_found(fmt::format("{}: nobody has the handle {}", service, handle));
  if (response.status != 200) return xrpc_error(response, service);
  boost::system::error_code code;
  const auto body = boost::json::parse(response.body, code);
  const auto* const did = code || !body.is_object() ? nullptr : body.as_object().if_contains("did");
  if (did == nullptr || !did->is_string() || !is_did(std::string_view(did->as_string())))
    return unavailable(fmt::format("{} did not say who {} is", service, handle));
  return std::string(std::string_view(did->as_string()));
}

Result<std::string> with_did(net::HttpTransport& transport, RequestBudget& budget, const std::string& service,
                             const std::string& id, const std::stop_token& stop) {
  if (!names_handle(id)) return id;
  const auto handle = handle_in(id);
  net::HttpRequest request;
  request.url = net::with_query(service + "/xrpc/com.atproto.identity.resolveHandle", {{"handle", handle}});
  request.redirects = net::Redirects::refuse;
  LINNET_CHECK(budget.wait(Priority::normal, stop));
  LINNET_TRY(const auto response, transport.send(request, stop));
  LINNET_TRY(const auto did, read_did(response, handle, service));
  return put_did(id, did);
}

}  // namespace linnet::connect::bluesky
