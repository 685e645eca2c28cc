#include "connect/discord/rest_client.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "base/json_members.hpp"
#include "base/text.hpp"
#include "connect/budgeted_send.hpp"
#include "connect/discord/snowflake.hpp"
#include "net/url.hpp"

namespace linnet::connect::discord {
namespace {

namespace json = boost::json;

constexpr int kTries = 4;  // of one call while the answer is 429

// Discord says whether an answer is of one route: only then does it name a bucket.
bool is_of_route(const net::Headers& headers) {
  return headers.find("X-RateLimit-Bucket").has_value() && !headers.find("X-RateLimit-Global").has_value();
}

}  // namespace

std::string limit_of_call(std::string_view method, std::string_view path) {
  path = path.substr(0, path.find('?'));
  std::string kind(method);
  std::size_t part = 0;
  while (!path.empty()) {
    path.remove_prefix(1);  // the slash
    const auto word = path.substr(0, path.find('/'));
    path.remove_prefix(word.size());
    // What stands second is the channel, the server: each has limits of its own.
    kind += (part == 1 || !is_snowflake(word)) ? fmt::format("/{}", word) : std::string("/:id");
    if (word == "reactions") break;
    ++part;
  }
  return kind;
}

RestClient::RestClient(const ServerAccess& server, std::string token)
    : server_(server), token_(std::move(token)) {
  server_.budget.assume(kGlobalPace);
}

Instant RestClient::next(const RestCall& call) const {
  return server_.budget.next(Priority::normal, limit_of_call(call.method, call.path));
}

Result<net::HttpResponse> RestClient::call(const RestCall& call, const std::stop_token& stop) {
  net::HttpRequest request;
  request.method = call.method;
  request.url = server_.base_url + "/api/v10" + call.path;
  request.redirects = net::Redirects::refuse;  // what carries the token goes nowhere else
  request.may_be_repeated = call.method == "GET";
  request.headers.add("Authorization", "Bot " + token_);
  request.headers.add("Accept", "application/json");
  // As Discord asks of every client (docs.discord.com/developers/reference#user-agent).
  request.headers.set("User-Agent", "DiscordBot (linnet, 0.1)");
  if (!call.body.empty()) {
    request.headers.add("Content-Type", call.content_type);
    constexpr std::size_t kSlowestUpload = 100'000;  // bytes a second
    request.timeout += std::chrono::seconds(call.body.size() / kSlowestUpload);
    request.body = call.body;
  }
  const auto kind = limit_of_call(call.method, call.path);
  auto may = server_.budget.wait(Priority::normal, stop, kind);
  if (may && call.still_wanted) may = call.still_wanted();
  if (!may) {
    auto error = may.error();
    error.never_sent = true;
    return error;
  }
  auto response = server_.transport.send(request, stop);
  if (!response) return transport_error(response.error(), server_.base_url);
  if (is_of_route(response->headers)) {
    server_.budget.on_response_of_kind(response->status, response->headers, kind);
  } else {
    net::Headers of_all;
    if (const auto after = response->headers.find("Retry-After"))
      of_all.add("Retry-After", std::string(*after));
    server_.budget.on_response(response->status, of_all);
  }
  return response;
}

Result<net::HttpResponse> RestClient::succeed(const RestCall& call, const std::stop_token& stop) {
  for (int tried = 1;; ++tried) {
    LINNET_TRY(auto response, this->call(call, stop));
    if (response.status >= 200 && response.status <= 299) return response;
    if (response.status != 429 || tried == kTries) return error_of(response);
  }
}

Result<json::value> RestClient::ask(const RestCall& call, const std::stop_token& stop) {
  LINNET_TRY(const auto response, succeed(call, stop));
  if (response.body.empty()) return json::value();
  boost::system::error_code code;
  auto value = json::parse(response.body, code);
  if (code) return unavailable(fmt::format("{} answered with JSON that cannot be read", server_.base_url));
  return value;
}

Result<std::string> RestClient::read(const std::string& path, const std::stop_token& stop) {
  LINNET_TRY(auto response, succeed({"GET", path}, stop));
  return std::move(response.body);
}

Error RestClient::error_of(const net::HttpResponse& response) const {
  const auto kind = net::error_for_status(response.status, "").kind;
  const auto object = parse_object(response.body);
  const auto said = to_valid_utf8(truncate_utf8(text_view_in(object, "message"), 200));
  if (said.empty()) return Error::of(kind, fmt::format("{} answered {}", server_.base_url, response.status));
  if (response.status == 401)
    return Error::of(kind, fmt::format("{} does not take the bot's token: make a new one in the developer "
                                       "portal, under Bot, and sign in again",
                                       server_.base_url));
  return Error::of(kind,
                   fmt::format("{}: {} ({})", server_.base_url, said, text_or_number_in(object, "code")));
}

}  // namespace linnet::connect::discord
