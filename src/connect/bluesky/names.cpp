#include "connect/bluesky/names.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "base/text.hpp"
#include "connect/bluesky/record_key.hpp"
#include "connect/bluesky/session.hpp"
#include "connect/budgeted_send.hpp"
#include "model/typed_name.hpp"
#include "net/url.hpp"

namespace linnet::connect::bluesky {

Result<std::string> read_post_name(std::string_view field, std::string_view given) {
  auto text = model::clean_name(given);
  const auto link = model::parse_page_link(text);
  const bool is_post =
      link && link->path.size() == 4 && link->path[0] == "profile" && link->path[2] == "post";
  if (is_post) text = fmt::format("at://{}/app.bsky.feed.post/{}", link->path[1], link->path[3]);
  if (parse_at_uri(text)) return text;
  return invalid(
      fmt::format("{}: expected a post's address (https://bsky.app/profile/ada.example/post/…) or its AT URI "
                  "(at://did:plc:…/app.bsky.feed.post/…), got \"{}\"",
                  field, truncate_utf8(text, 100)));
}

Result<std::string> read_person_name(std::string_view field, std::string_view given) {
  auto text = model::address_as_typed(given);
  text.erase(0, std::min(text.find_first_not_of('@'), text.size()));
  if (is_did(text)) return text;
  text = fold_case(text);
  if (is_handle(text)) return text;
  return invalid(fmt::format(
      "{}: expected a handle (@ada.example), the address of a profile or a DID (did:plc:…), got \"{}\"",
      field, truncate_utf8(model::clean_name(given), 100)));
}

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
  LINNET_CHECK(budget.is_near());
  LINNET_TRY(const auto response, send_in_budget(transport, budget, request, stop));
  LINNET_TRY(const auto did, read_did(response, handle, service));
  return put_did(id, did);
}

}  // namespace linnet::connect::bluesky
