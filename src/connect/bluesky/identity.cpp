#include "connect/bluesky/identity.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "base/json_members.hpp"
#include "connect/bluesky/record_key.hpp"
#include "net/url.hpp"

namespace linnet::connect::bluesky {
namespace {

namespace json = boost::json;

constexpr std::string_view kPlc = "did:plc:";
constexpr std::string_view kWeb = "did:web:";

Result<std::string> document_address(const std::string& did, const std::string& plc_directory) {
  if (did.starts_with(kPlc)) return plc_directory + "/" + did;
  if (did.starts_with(kWeb)) {
    // A whole host, its port written with %3A; paths are not allowed here.
    const auto host = net::percent_decode(std::string_view(did).substr(kWeb.size()));
    if (host && host->find_first_of("/?#@") == std::string::npos &&
        did.find(':', kWeb.size()) == std::string::npos)
      return fmt::format("{}://{}/.well-known/did.json", host->starts_with("localhost") ? "http" : "https",
                         *host);
  }
  return invalid(fmt::format("{}: expected a did:plc or did:web", did));
}

std::string pds_of(const json::object& document) {
  const auto* const services = list_in(document, "service");
  if (services == nullptr) return {};
  for (const auto& item : *services) {
    const auto* const service = item.if_object();
    if (service == nullptr || !text_in(*service, "id").ends_with("#atproto_pds")) continue;
    if (const auto url = net::parse_url(text_in(*service, "serviceEndpoint"))) return url->origin();
  }
  return {};
}

std::string handle_of(const json::object& document) {
  const auto* const names = list_in(document, "alsoKnownAs");
  if (names == nullptr) return {};
  for (const auto& name : *names) {
    constexpr std::string_view kScheme = "at://";
    const auto* const text = name.if_string();
    if (text != nullptr && std::string_view(*text).starts_with(kScheme) &&
        is_handle(std::string_view(*text).substr(kScheme.size())))
      return std::string(std::string_view(*text).substr(kScheme.size()));
  }
  return {};
}

}  // namespace

Result<Identity> resolve_identity(net::HttpTransport& transport, RequestBudget& budget,
                                  const std::string& did, const std::string& plc_directory,
                                  const std::stop_token& stop) {
  if (!is_did(did)) return invalid("expected a DID");
  net::HttpRequest request;
  LINNET_TRY(request.url, document_address(did, plc_directory));
  request.headers.add("Accept", "application/json");
  request.max_body_bytes = 256U << 10U;
  LINNET_CHECK(budget.wait(Priority::normal, stop));
  LINNET_TRY(const auto response, transport.send(request, stop));
  LINNET_CHECK(net::check_status(response, request.url));
  boost::system::error_code code;
  const auto parsed = json::parse(response.body, code);
  const auto* const document = code ? nullptr : parsed.if_object();
  if (document == nullptr || text_in(*document, "id") != did)
    return invalid(fmt::format("{}: its document is not that of this DID", did));
  Identity identity{did, handle_of(*document), pds_of(*document)};
  if (identity.pds.empty()) return invalid(fmt::format("{}: its document names no server", did));
  return identity;
}

}  // namespace linnet::connect::bluesky
