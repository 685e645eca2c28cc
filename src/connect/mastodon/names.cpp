#include "connect/mastodon/names.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "base/ascii.hpp"
#include "base/person_name.hpp"
#include "base/text.hpp"
#include "connect/budgeted_send.hpp"
#include "connect/mastodon/acting_mastodon.hpp"
#include "model/typed_name.hpp"
#include "net/url.hpp"

namespace linnet::connect::mastodon {
namespace {

namespace json = boost::json;

// The server of an account, asked about others.
class Directory {
 public:
  Directory(net::HttpTransport& transport, RequestBudget& budget, const ApiOptions& server,
            const std::stop_token& stop)
      : transport_(transport), budget_(budget), server_(server), stop_(stop) {
    if (const auto link = model::parse_page_link(server.base_url)) host_ = link->server;
  }

  [[nodiscard]] const std::string& host() const { return host_; }

  // Null where the server has no such thing, or no such call, or does not let us ask.
  Result<json::value> read(const std::string& path, const net::QueryParameters& parameters = {}) {
    net::HttpRequest request;
    request.url =
        parameters.empty() ? server_.base_url + path : net::with_query(server_.base_url + path, parameters);
    request.timeout = server_.timeout;
    request.redirects = net::Redirects::refuse;
    request.headers.add("Accept", "application/json");
    request.headers.add("Authorization", "Bearer " + server_.token);
    LINNET_CHECK(budget_.is_near());
    LINNET_TRY(const auto response,
               send_in_budget(transport_, budget_, request, stop_, {.server = server_.base_url}));
    if (response.status >= 400 && response.status <= 499 && response.status != 401 && response.status != 429)
      return json::value();
    if (response.status != 200) return api_error(response, server_.base_url, true);
    boost::system::error_code code;
    auto value = json::parse(response.body, code);
    return code ? json::value() : value;
  }

  // The id of what is there.
  Result<std::string> id_at(const std::string& path, const net::QueryParameters& parameters = {}) {
    LINNET_TRY(const auto found, read(path, parameters));
    return found.is_object() ? text_or_number_in(found.as_object(), "id") : std::string();
  }

  // What a link leads to, of the kind «statuses» or «accounts»: the server fetches it where it does not know
  // it yet. Empty where it finds nothing, or several.
  Result<std::string> id_behind(const std::string& link, const std::string& kind) {
    LINNET_TRY(const auto found,
               read("/api/v2/search", {{"q", link}, {"resolve", "true"}, {"type", kind}, {"limit", "5"}}));
    const auto* const list = found.is_object() ? found.as_object().if_contains(kind) : nullptr;
    if (list == nullptr || !list->is_array() || list->as_array().size() != 1 ||
        !list->as_array()[0].is_object())
      return std::string();
    const auto& one = list->as_array()[0].as_object();
    // Some servers look for the words of a link that they cannot open: a post that merely holds it is
    // another.
    const bool merely_holds_it = text_or_number_in(one, "content").find(link) != std::string::npos;
    return merely_holds_it ? std::string() : text_or_number_in(one, "id");
  }

  // Whom the server knows by the address, or finds at their own server.
  Result<std::string> id_of(const std::string& address) {
    const auto name = as_written_here(address);
    LINNET_TRY(auto id, id_at("/api/v1/accounts/lookup", {{"acct", name}}));
    if (!id.empty() || name.find('@') == std::string::npos) return id;
    LINNET_TRY(const auto found,
               read("/api/v1/accounts/search", {{"q", "@" + name}, {"resolve", "true"}, {"limit", "5"}}));
    if (!found.is_array()) return std::string();
    for (const auto& account : found.as_array()) {
      if (account.is_object() && user_key(text_or_number_in(account.as_object(), "acct")) == user_key(name))
        return text_or_number_in(account.as_object(), "id");
    }
    return std::string();
  }

 private:
  [[nodiscard]] std::string as_written_here(const std::string& address) const {
    const auto at = address.rfind('@');
    const bool is_at_home = at != std::string::npos && host_key(address.substr(at + 1)) == host_key(host_);
    return is_at_home ? address.substr(0, at) : address;
  }

  net::HttpTransport& transport_;
  RequestBudget& budget_;
  const ApiOptions& server_;
  const std::stop_token& stop_;
  std::string host_;  // with its port
};

std::string shown(std::string_view text) {
  return std::string(truncate_utf8(text, 100));
}

Error no_post(std::string_view field, std::string_view given) {
  return invalid(
      fmt::format("{}: expected a post's address (https://social.example/@ada/1154) or its id on the "
                  "account's server, got \"{}\"",
                  field, shown(given)));
}
Error no_person(std::string_view field, std::string_view given) {
  return invalid(
      fmt::format("{}: expected a person's address (@ada@social.example), the address of their profile or "
                  "their id on the "
                  "account's server, got \"{}\"",
                  field, shown(given)));
}

// The last part of a link to the server's own page of a post.
std::string id_in(const model::PageLink& link, const std::string& host) {
  const bool is_own = fold_case(link.server) == fold_case(host);
  const bool has_id = is_own && link.path.size() >= 2 && has_id_form(link.path.back()) &&
                      std::any_of(link.path.back().begin(), link.path.back().end(), ascii::is_digit);
  return has_id ? link.path.back() : std::string();
}

}  // namespace

bool has_id_form(std::string_view text) {
  return !text.empty() && text.size() <= 100 && std::all_of(text.begin(), text.end(), [](char c) {
    return ascii::is_alphanumeric(c) || c == '-' || c == '_';
  });
}

bool is_surely_id(std::string_view text) {
  if (!has_id_form(text)) return false;
  const auto digits = static_cast<std::size_t>(std::count_if(text.begin(), text.end(), ascii::is_digit));
  // Mastodon's are numbers; flakes, ULIDs and UUIDs are long and nothing that a person would be called.
  return digits == text.size() || (text.size() >= 16 && digits > 0);
}

Result<std::string> find_post_id(net::HttpTransport& transport, RequestBudget& budget,
                                 const ApiOptions& server, std::string_view field, std::string_view given,
                                 const std::stop_token& stop) {
  const auto text = model::clean_name(given);
  if (has_id_form(text)) return text;
  const auto link = model::parse_page_link(text);
  if (!link || link->path.empty() || model::address_of_profile(*link)) return no_post(field, text);
  Directory directory(transport, budget, server, stop);
  if (const auto own = id_in(*link, directory.host()); !own.empty()) {
    LINNET_TRY(auto id, directory.id_at("/api/v1/statuses/" + net::percent_encode(own)));
    if (!id.empty()) return id;
  }
  LINNET_TRY(auto id, directory.id_behind(text, "statuses"));
  if (!id.empty()) return id;
  return not_found(fmt::format("{}: {} finds no post at {}", field, server.base_url, shown(text)));
}

Result<std::string> find_person_id(net::HttpTransport& transport, RequestBudget& budget,
                                   const ApiOptions& server, std::string_view field, std::string_view given,
                                   const std::stop_token& stop) {
  auto text = model::address_as_typed(given);
  if (is_surely_id(text)) return text;
  Directory directory(transport, budget, server, stop);
  const auto nobody = [&] {
    return not_found(fmt::format("{}: {} knows nobody by {}", field, server.base_url, shown(text)));
  };
  if (const auto link = model::parse_page_link(text)) {
    LINNET_TRY(auto id, directory.id_behind(text, "accounts"));
    return id.empty() ? Result<std::string>(nobody()) : Result<std::string>(std::move(id));
  }
  text.erase(0, std::min(text.find_first_not_of('@'), text.size()));
  const bool is_odd =
      text.empty() || text.starts_with("did:") || text.find_first_of(" /?#") != std::string::npos;
  if (is_odd) return no_person(field, given);
  LINNET_TRY(auto id, directory.id_of(text));
  if (id.empty()) {
    // The profile's host may be another than that of the address.
    if (const auto link = model::parse_page_link(model::clean_name(given))) {
      LINNET_TRY(id, directory.id_behind(model::clean_name(given), "accounts"));
    } else if (has_id_form(text)) {
      LINNET_TRY(id, directory.id_at("/api/v1/accounts/" + net::percent_encode(text)));
    }
  }
  return id.empty() ? Result<std::string>(nobody()) : Result<std::string>(std::move(id));
}

}  // namespace linnet::connect::mastodon
