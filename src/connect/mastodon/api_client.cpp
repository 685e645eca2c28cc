#include "connect/mastodon/api_client.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cctype>
#include <iterator>
#include <unordered_set>

#include "base/json_members.hpp"
#include "base/text.hpp"
#include "connect/budgeted_send.hpp"
#include "net/link_header.hpp"

namespace linnet::connect::mastodon {
namespace {

namespace json = boost::json;

// The server's own words about an error: {"error":"…"}; empty when there are none.
std::string error_text(const std::string& body) {
  if (body.size() > 64U << 10U) return {};
  boost::system::error_code code;
  const auto value = json::parse(body, code);
  if (code || !value.is_object()) return {};
  for (const char* name : {"error_description", "error"}) {
    const auto* text = value.as_object().if_contains(name);
    if (text != nullptr && text->is_string()) {
      return to_valid_utf8(truncate_utf8(std::string_view(text->as_string()), 200));
    }
  }
  return {};
}

bool looks_like_json(const net::HttpResponse& response) {
  const auto start = response.body.find_first_not_of(" \t\r\n");
  return start != std::string::npos && (response.body[start] == '{' || response.body[start] == '[');
}

Result<json::value> parse_body(const net::HttpResponse& response, std::string_view base_url) {
  boost::system::error_code code;
  auto value = json::parse(response.body, code);
  if (code) return unavailable(fmt::format("{} answered with JSON that cannot be read", base_url));
  return value;
}

constexpr std::size_t kLeastFullPage = 40;

const json::object* child(const json::object* object, std::string_view name) {
  const auto* value = object == nullptr ? nullptr : object->if_contains(name);
  return value != nullptr ? value->if_object() : nullptr;
}

void add_bounds(net::QueryParameters& parameters, const PageQuery& query) {
  parameters.emplace_back("limit", std::to_string(query.limit));
  if (query.max_id) parameters.emplace_back("max_id", *query.max_id);
  if (query.min_id) parameters.emplace_back("min_id", *query.min_id);
  if (query.since_id) parameters.emplace_back("since_id", *query.since_id);
}

// By the Link header where there is one: its bound need not be the id of a status.
std::optional<std::string> next_max_id(const net::HttpResponse& response, const StatusPage& page) {
  if (page.statuses.empty()) return std::nullopt;
  if (const auto links = net::page_links(response); links.next) {
    const auto question = links.next->find('?');
    if (question != std::string::npos) {
      for (const auto& [name, value] : net::parse_query(std::string_view(*links.next).substr(question + 1))) {
        if (name == "max_id" && !value.empty()) return value;
      }
    }
  }
  return page.statuses.back().id;
}

}  // namespace

Error api_error(const net::HttpResponse& response, std::string_view base_url, bool signed_in) {
  const auto said = error_text(response.body);
  const auto quoted = said.empty() ? std::string() : fmt::format(": \"{}\"", said);
  switch (response.status) {
    case 401:
      return Error::of(
          ErrorKind::denied,
          signed_in ? fmt::format("{} no longer accepts the sign-in: sign in again{}", base_url, quoted)
                    : fmt::format("{} does not show this to guests: sign in{}", base_url, quoted));
    case 403:
      return Error::of(ErrorKind::denied, fmt::format("{} refuses this{}", base_url, quoted));
    case 404:
    case 410:
      return not_found(fmt::format("{} has no such thing{}", base_url, quoted));
    case 429:
      return Error::of(ErrorKind::rate_limited, fmt::format("{} asks for fewer requests", base_url));
    default:
      break;
  }
  auto error = net::error_for_status(response.status, base_url);
  error.message = error.safe = fmt::format("{} answered {}{}", base_url, response.status, quoted);
  return error;
}

Error api_error(const Error& error, std::string_view base_url) {
  return transport_error(error, base_url);
}

ApiClient::ApiClient(net::HttpTransport& transport, RequestBudget& budget, ApiOptions options)
    : transport_(transport), budget_(budget), options_(std::move(options)) {
  budget_.assume(kUsualPace);
}

std::string ApiClient::url(std::string_view path, const net::QueryParameters& parameters) const {
  auto result = options_.base_url + std::string(path);
  return parameters.empty() ? result : net::with_query(std::move(result), parameters);
}

Result<net::HttpResponse> ApiClient::get(const std::string& url, Priority priority,
                                         const std::stop_token& stop) {
  net::HttpRequest request;
  request.url = url;
  request.timeout = options_.timeout;
  request.headers.add("Accept", "application/json");
  if (!options_.token.empty()) request.headers.add("Authorization", "Bearer " + options_.token);
  for (int attempt = 1;; ++attempt) {
    LINNET_TRY(auto response, send_in_budget(transport_, budget_, request, stop,
                                             {.priority = priority, .server = options_.base_url}));
    if (response.status != 429 || attempt >= options_.attempts) return response;
  }
}

Result<net::HttpResponse> ApiClient::get_json(const std::string& url, Priority priority,
                                              const std::stop_token& stop) {
  LINNET_TRY(auto response, get(url, priority, stop));
  if (response.status < 200 || response.status > 299) {
    return api_error(response, options_.base_url, !options_.token.empty());
  }
  if (!looks_like_json(response)) {
    return unavailable(
        fmt::format("{} answered with a page instead of data: is it a Mastodon server, and is it up?",
                    options_.base_url));
  }
  return response;
}

Result<VerifiedAccount> ApiClient::verify_credentials(const std::stop_token& stop) {
  LINNET_TRY(const auto response,
             get_json(url("/api/v1/accounts/verify_credentials"), Priority::normal, stop));
  LINNET_TRY(const auto body, parse_body(response, options_.base_url));
  const auto* object = body.if_object();
  VerifiedAccount account;
  if (object != nullptr) {
    account = {text_or_number_in(*object, "id"), text_or_number_in(*object, "username"),
               text_or_number_in(*object, "display_name")};
  }
  if (account.id.empty() || account.username.empty()) {
    return unavailable(fmt::format("{} did not say who is signed in", options_.base_url));
  }
  return account;
}

Result<InstanceInfo> ApiClient::instance(const std::stop_token& stop) {
  auto response = get_json(url("/api/v2/instance"), Priority::normal, stop);
  const bool is_old = !response && (response.error().kind == ErrorKind::not_found ||
                                    response.error().kind == ErrorKind::invalid);
  if (is_old) response = get_json(url("/api/v1/instance"), Priority::normal, stop);
  if (!response) return response.error();
  LINNET_TRY(const auto body, parse_body(*response, options_.base_url));
  const auto* object = body.if_object();
  if (object == nullptr) return unavailable(fmt::format("{} did not describe itself", options_.base_url));
  InstanceInfo info{text_or_number_in(*object, "title"), text_or_number_in(*object, "version"), {}};
  if (const auto* urls = child(child(object, "configuration"), "urls"))
    info.streaming_url = text_or_number_in(*urls, "streaming");
  if (const auto* urls = child(object, "urls"); urls != nullptr && info.streaming_url.empty()) {
    info.streaming_url = text_or_number_in(*urls, "streaming_api");
  }
  const bool is_secure = options_.base_url.starts_with("https:");
  const auto named = net::parse_url(info.streaming_url);
  // Never from https to an open connection: the token goes there.
  if (!named || (is_secure && named->scheme != "wss" && named->scheme != "https")) {
    info.streaming_url = (is_secure ? "wss" : "ws") + options_.base_url.substr(options_.base_url.find(':'));
  } else {
    const bool is_tls = named->scheme == "wss" || named->scheme == "https";
    const auto origin = named->origin();
    info.streaming_url = (is_tls ? "wss" : "ws") + origin.substr(origin.find(':'));
  }
  return info;
}

Result<StatusPage> ApiClient::status_page(const std::string& address, const std::stop_token& stop) {
  LINNET_TRY(const auto response, get_json(address, Priority::normal, stop));
  auto split = split_statuses(response.body);
  if (!split) return unavailable(fmt::format("{}: {}", options_.base_url, split.error().message));
  StatusPage page;
  page.statuses = std::move(split->statuses);
  page.unreadable = split->unreadable;
  page.next_max_id = next_max_id(response, page);
  return page;
}

Result<StatusPage> ApiClient::timeline(const StreamKind& kind, const PageQuery& query,
                                       const std::stop_token& stop) {
  auto parameters = kind.timeline_parameters();
  add_bounds(parameters, query);
  auto page = status_page(url(kind.timeline_path(), parameters), stop);
  // GoToSocial says 404 of a hashtag that it has never seen: there is nothing with it yet.
  const bool is_unseen = !page && kind.is_hashtag() && page.error().kind == ErrorKind::not_found;
  return is_unseen ? Result<StatusPage>(StatusPage{}) : std::move(page);
}

Result<StatusPage> ApiClient::account_statuses(std::string_view account_id, const PageQuery& query,
                                               const std::stop_token& stop) {
  net::QueryParameters parameters;
  add_bounds(parameters, query);
  return status_page(
      url(fmt::format("/api/v1/accounts/{}/statuses", net::percent_encode(account_id)), parameters), stop);
}

Result<RawStatus> ApiClient::status(std::string_view id, Priority priority, const std::stop_token& stop) {
  LINNET_TRY(const auto response,
             get_json(url("/api/v1/statuses/" + net::percent_encode(id)), priority, stop));
  auto status = read_raw_status(response.body);
  if (!status) return unavailable(fmt::format("{}: {}", options_.base_url, status.error().message));
  return status;
}

Result<std::string> ApiClient::status_history(std::string_view id, const std::stop_token& stop) {
  LINNET_TRY(auto response, get_json(url(fmt::format("/api/v1/statuses/{}/history", net::percent_encode(id))),
                                     Priority::normal, stop));
  return std::move(response.body);
}

Result<std::vector<AccountList>> ApiClient::lists(const std::stop_token& stop) {
  LINNET_TRY(const auto response, get_json(url("/api/v1/lists"), Priority::normal, stop));
  LINNET_TRY(const auto body, parse_body(response, options_.base_url));
  std::vector<AccountList> lists;
  if (!body.is_array()) return unavailable(fmt::format("{} did not answer with lists", options_.base_url));
  for (const auto& one : body.as_array()) {
    if (one.is_object())
      lists.push_back(
          {text_or_number_in(one.as_object(), "id"), text_or_number_in(one.as_object(), "title")});
  }
  return lists;
}

Result<std::string> ApiClient::find_account_id(std::string_view acct, const std::stop_token& stop) {
  LINNET_TRY(const auto response,
             get_json(url("/api/v1/accounts/lookup", {{"acct", std::string(acct)}}), Priority::normal, stop));
  LINNET_TRY(const auto body, parse_body(response, options_.base_url));
  auto id = body.is_object() ? text_or_number_in(body.as_object(), "id") : std::string();
  if (id.empty()) return not_found(fmt::format("{} knows no account {}", options_.base_url, acct));
  return id;
}

Result<AccountPage> ApiClient::follows(FollowSide side, std::string_view account_id,
                                       const std::optional<std::string>& page_url,
                                       const std::stop_token& stop) {
  const auto first = url(fmt::format("/api/v1/accounts/{}/{}", net::percent_encode(account_id),
                                     side == FollowSide::followers ? "followers" : "following"),
                         {{"limit", "80"}});
  LINNET_TRY(const auto response, get_json(page_url.value_or(first), Priority::background, stop));
  LINNET_TRY(const auto body, parse_body(response, options_.base_url));
  if (!body.is_array()) return unavailable(fmt::format("{} did not answer with accounts", options_.base_url));
  AccountPage page;
  for (const auto& one : body.as_array()) {
    if (!one.is_object()) continue;
    auto id = text_or_number_in(one.as_object(), "id");
    if (!id.empty()) page.ids.push_back(std::move(id));
  }
  const auto links = net::page_links(response);
  if (!page.ids.empty()) page.next_url = links.next;
  // Servers give 40 or 80 a page; a full one that tells of no other may not be all.
  const bool is_full = body.as_array().size() >= kLeastFullPage;
  const bool says_nothing = !response.headers.find("Link");
  page.is_cut = !page.next_url &&
                (links.is_cut || (is_full && says_nothing) || page.ids.size() < body.as_array().size());
  return page;
}

Result<ApiClient::Batch> ApiClient::statuses(const std::vector<std::string>& ids, Priority priority,
                                             const std::stop_token& stop) {
  if (!batches_work_) return statuses_one_by_one(ids, priority, stop);
  net::QueryParameters parameters;
  for (const auto& id : ids) parameters.emplace_back("id[]", id);
  LINNET_TRY(const auto response, get(url("/api/v1/statuses", parameters), priority, stop));
  // 422: fewer at once. A server without this call has no such route, or takes it for another.
  if ((response.status == 422 || response.status == 414) && ids.size() > 1) {
    batch_limit_ = std::max<std::size_t>(1, ids.size() / 2);
    return statuses_in_halves(ids, priority, stop);
  }
  if (response.status == 400 || response.status == 404 || response.status == 405 || response.status == 406 ||
      response.status == 422 || response.status == 501) {
    batches_work_ = false;
    return statuses_one_by_one(ids, priority, stop);
  }
  if (response.status < 200 || response.status > 299) {
    return api_error(response, options_.base_url, !options_.token.empty());
  }
  auto split = split_statuses(response.body);
  if (!split) {
    return unavailable(
        fmt::format("{} answered with a page instead of data: {}", options_.base_url, split.error().message));
  }
  Batch batch;
  std::unordered_set<std::string_view> wanted(ids.begin(), ids.end());
  for (auto& status : split->statuses) {
    if (wanted.erase(status.id) == 1) batch.statuses.push_back(std::move(status));
  }
  for (const auto& id : ids) {
    if (wanted.contains(id)) batch.missing.push_back(id);
  }
  return batch;
}

Result<ApiClient::Batch> ApiClient::statuses_in_halves(const std::vector<std::string>& ids, Priority priority,
                                                       const std::stop_token& stop) {
  const auto middle = ids.begin() + static_cast<std::ptrdiff_t>(ids.size() / 2);
  LINNET_TRY(auto batch, statuses({ids.begin(), middle}, priority, stop));
  LINNET_TRY(auto rest, statuses({middle, ids.end()}, priority, stop));
  std::move(rest.statuses.begin(), rest.statuses.end(), std::back_inserter(batch.statuses));
  std::move(rest.missing.begin(), rest.missing.end(), std::back_inserter(batch.missing));
  std::move(rest.gone.begin(), rest.gone.end(), std::back_inserter(batch.gone));
  batch.one_by_one = batch.one_by_one && rest.one_by_one;
  return batch;
}

Result<ApiClient::Batch> ApiClient::statuses_one_by_one(const std::vector<std::string>& ids,
                                                        Priority priority, const std::stop_token& stop) {
  Batch batch;
  batch.one_by_one = true;
  for (const auto& id : ids) {
    LINNET_TRY(const auto response, get(url("/api/v1/statuses/" + net::percent_encode(id)), priority, stop));
    if (response.status == 404 || response.status == 410) {
      batch.missing.push_back(id);
      if (response.status == 410) batch.gone.push_back(id);
      continue;
    }
    if (response.status < 200 || response.status > 299) {
      return api_error(response, options_.base_url, !options_.token.empty());
    }
    auto status = read_raw_status(response.body);
    if (!status) return unavailable(fmt::format("{}: {}", options_.base_url, status.error().message));
    batch.statuses.push_back(std::move(*status));
  }
  return batch;
}

}  // namespace linnet::connect::mastodon
