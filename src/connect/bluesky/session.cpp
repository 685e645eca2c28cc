#include "connect/bluesky/session.hpp"

#include <fmt/format.h>

#include "base/binary_text.hpp"
#include "base/json_members.hpp"
#include "base/text.hpp"
#include "connect/bluesky/dpop_door.hpp"
#include "connect/bluesky/oauth.hpp"
#include "connect/bluesky/record_key.hpp"
#include "connect/budgeted_send.hpp"

namespace linnet::connect::bluesky {
namespace {

namespace json = boost::json;

constexpr std::uint64_t kSlowestFile = 100'000;  // bytes a second
constexpr auto kRenewAhead = std::chrono::minutes(10);

// How a server that takes tokens bound to a key says that one has ended (RFC 6750, section 3).
bool says_invalid_token(const net::HttpResponse& response) {
  const auto challenge = response.headers.find("WWW-Authenticate");
  return challenge && challenge->find("invalid_token") != std::string_view::npos;
}

bool is_void(const XrpcError& error) {
  for (const auto* const name :
       {"ExpiredToken", "InvalidToken", "AuthenticationRequired", "AuthMissing", "AuthFactorTokenRequired"}) {
    if (error.name == name) return true;
  }
  return false;
}

// What is passed on to another service is counted there; writing and signing in are counted by themselves
// (docs.bsky.app/docs/advanced-guides/rate-limits).
std::string budget_kind(const Session::Call& call) {
  if (!call.proxy.empty()) return call.proxy;
  if (call.name == "com.atproto.repo.uploadBlob") return "files";
  if (call.method == "POST" && call.name.starts_with("com.atproto.repo.")) return "records";
  return call.method == "POST" && call.name.starts_with("com.atproto.server.") ? std::string(kSessions) : "";
}

Result<SignedIn> read_session(const net::HttpResponse& response, const std::string& service, bool is_new) {
  const auto body = parse_object(response.body);
  SignedIn session;
  session.did = text_in(body, "did");
  session.handle = text_in(body, "handle");
  session.credentials.token = text_in(body, "accessJwt");
  session.credentials.refresh_token = text_in(body, "refreshJwt");
  session.credentials.service = service;
  session.credentials.expires_at = token_end(session.credentials.token);
  if (!is_did(session.did) || session.credentials.token.empty() ||
      (is_new && session.credentials.refresh_token.empty()))
    return unavailable(fmt::format("{} did not say who is signed in: is it a PDS?", service));
  return session;
}

}  // namespace

bool is_restricted(const XrpcError& error) {
  for (const auto* const name :
       {"AccountTakedown", "AccountSuspended", "AccountDeactivated", "RepoTakendown", "RepoDeactivated"}) {
    if (error.name == name) return true;
  }
  return false;
}

XrpcError read_error(const net::HttpResponse& response) {
  if (response.body.size() > 64U << 10U) return {};
  const auto body = parse_object(response.body);
  return {text_in(body, "error"), to_valid_utf8(truncate_utf8(text_in(body, "message"), 200))};
}

bool tells_of_scope(const XrpcError& error) {
  return error.message == "Bad token method" || error.message == "Bad token scope";
}

bool ends_sign_in(const net::HttpResponse& response) {
  if (response.status != 400 && response.status != 401) return false;
  const auto said = read_error(response);
  return !tells_of_scope(said) && (is_void(said) || says_invalid_token(response));
}

Error xrpc_error(const net::HttpResponse& response, const std::string& service) {
  const auto said = read_error(response);
  const auto words = said.message.empty() ? said.name : said.message;
  auto error = net::error_for_status(response.status, service);
  if (ends_sign_in(response)) {
    error.kind = ErrorKind::denied;
  } else if (error.kind == ErrorKind::denied) {
    // What the server forbids by name it will forbid again; what has no name may not be its own word.
    const bool may_pass = response.status == 401 || said.name.empty();
    error.kind = may_pass ? ErrorKind::unavailable : ErrorKind::invalid;
  }
  if (said.name == "RecordNotFound" || said.name == "RepoNotFound") error.kind = ErrorKind::not_found;
  error.message = error.safe = words.empty() ? fmt::format("{} answered {}", service, response.status)
                                             : fmt::format("{}: {}", service, words);
  return error;
}

std::optional<Instant> token_end(std::string_view jwt) {
  const auto first = jwt.find('.');
  const auto second = first == std::string_view::npos ? first : jwt.find('.', first + 1);
  if (second == std::string_view::npos) return {};
  const auto object = parse_object(from_base64_url(jwt.substr(first + 1, second - first - 1)).value_or(""));
  const auto* const end = object.if_contains("exp");
  if (end == nullptr || !end->is_int64() || end->as_int64() < 0 || end->as_int64() > 253'402'300'799)
    return {};
  return Instant(std::chrono::seconds(end->as_int64()));
}

Result<SignedIn> sign_in(net::HttpTransport& transport, RequestBudget& budget, const std::string& service,
                         const std::string& name, const std::string& password, const std::stop_token& stop) {
  if (name.empty()) return invalid("name: expected the handle, such as ada.bsky.social, got nothing");
  net::HttpRequest request;
  request.method = "POST";
  request.url = service + "/xrpc/com.atproto.server.createSession";
  request.redirects = net::Redirects::refuse;
  request.headers.add("Content-Type", "application/json");
  request.body = json::serialize(json::object{{"identifier", name}, {"password", password}});
  LINNET_TRY(const auto response, send_in_budget(transport, budget, request, stop, {.kind = kSessions}));
  if (response.status == 401 && read_error(response).name == "AuthenticationRequired")
    return Error::of(ErrorKind::denied, fmt::format("{}: the handle or the app password is wrong", service));
  if (response.status != 200) return xrpc_error(response, service);
  return read_session(response, service, true);
}

Session::Session(net::HttpTransport& transport, RequestBudget& budget, Clock& clock, std::string did,
                 Credentials credentials, CredentialKeeping keeping)
    : transport_(transport),
      budget_(budget),
      clock_(clock),
      did_(std::move(did)),
      credentials_(clock, std::move(credentials), std::move(keeping)) {}

Session::~Session() = default;

Status Session::open_door() {
  const auto& key_now = credentials_.now().dpop_key;
  if (door_ && door_key_ == key_now) return {};
  LINNET_TRY(auto key, DpopKey::from_pem(key_now));
  door_key_ = key_now;
  door_ = std::make_unique<DpopDoor>(transport_, budget_, clock_, std::move(key));
  return {};
}

Result<net::HttpResponse> Session::send(const Call& call, const std::string& token,
                                        const std::stop_token& stop) {
  net::HttpRequest request;
  request.method = call.method;
  request.url = credentials_.now().service + "/xrpc/" + call.name;
  if (!call.parameters.empty()) request.url = net::with_query(std::move(request.url), call.parameters);
  request.redirects = net::Redirects::refuse;  // what carries the token goes nowhere else
  request.may_be_repeated = call.method == "GET";
  request.headers.add("Accept", "application/json");
  if (!call.proxy.empty()) request.headers.add("Atproto-Proxy", call.proxy);
  if (call.file) {
    request.headers.add("Content-Type", call.content_type);
    request.timeout += std::chrono::seconds(call.file->length() / kSlowestFile);
    request.file = call.file;
  } else if (!call.body.is_null()) {
    request.headers.add("Content-Type", "application/json");
    request.body = json::serialize(call.body);
  }
  const bool is_oauth = !credentials_.now().dpop_key.empty();
  if (is_oauth) LINNET_CHECK(open_door());
  const auto kind = budget_kind(call);
  const auto still_wanted = [&]() -> Status {
    if (call.still_wanted) LINNET_CHECK(call.still_wanted());
    return call.method == "POST" && still_wanted_ ? still_wanted_() : Status();
  };
  const Going going{.kind = kind, .still_wanted = still_wanted};
  if (!is_oauth) request.headers.add("Authorization", "Bearer " + token);
  LINNET_TRY(auto response, is_oauth ? door_->send(std::move(request), token, stop, going)
                                     : send_in_budget(transport_, budget_, request, stop, going));
  // What another service says of accounts is not said of this one.
  if (call.proxy.empty()) heed(response);
  return response;
}

void Session::heed(const net::HttpResponse& response) {
  if (response.status == 200) restriction_.clear();
  // With other statuses the same names are said of the account that was asked about.
  const bool is_about_ours = response.status == 401 || response.status == 403;
  if (is_about_ours && is_restricted(read_error(response)))
    restriction_ = xrpc_error(response, credentials_.now().service).safe;
}

Result<net::HttpResponse> Session::call(const Call& call, const std::stop_token& stop) {
  LINNET_CHECK(credentials_.keep());
  LINNET_TRY(auto response, send(call, credentials_.now().token, stop));
  if (response.status != 400 && response.status != 401) return response;
  const auto error = read_error(response);
  const bool has_ended =
      error.name == "ExpiredToken" || error.name == "InvalidToken" || says_invalid_token(response);
  // A new token would be of the same kind.
  if (!has_ended || (!call.proxy.empty() && tells_of_scope(error))) return response;
  LINNET_CHECK(renew(stop));
  return send(call, credentials_.now().token, stop);
}

Status Session::renew(const std::stop_token& stop) {
  return credentials_.renew(
      [&](const Credentials& ending, const std::function<Status()>& still_wanted) {
        return renewed_credentials(ending, still_wanted, stop);
      },
      stop);
}

Result<Credentials> Session::renewed_credentials(const Credentials& ending,
                                                 const std::function<Status()>& still_wanted,
                                                 const std::stop_token& stop) {
  if (!ending.dpop_key.empty()) {
    LINNET_CHECK(open_door());
    return renew_oauth(*door_, {transport_, budget_, clock_, ending.service}, did_, ending, still_wanted,
                       stop);
  }
  Call refresh;
  refresh.method = "POST";
  refresh.name = "com.atproto.server.refreshSession";
  refresh.still_wanted = still_wanted;
  LINNET_TRY(const auto response, send(refresh, ending.refresh_token, stop));
  if (response.status != 200) {
    auto error = xrpc_error(response, credentials_.now().service);
    error.kind = is_void(read_error(response)) ? ErrorKind::denied : ErrorKind::unavailable;
    return error;
  }
  LINNET_TRY(auto renewed, read_session(response, credentials_.now().service, false));
  if (renewed.did != did_)
    return Error::of(ErrorKind::denied,
                     fmt::format("{} gave a session of another account", credentials_.now().service));
  note_handle(renewed.handle);
  // An answer without one never takes the place of one that works.
  if (renewed.credentials.refresh_token.empty()) renewed.credentials.refresh_token = ending.refresh_token;
  return std::move(renewed.credentials);
}

Status Session::check(const std::stop_token& stop) {
  if (credentials_.end_within(kRenewAhead)) return renew(stop);
  Call get_session;
  get_session.name = "com.atproto.server.getSession";
  LINNET_TRY(const auto response, call(get_session, stop));
  if (response.status == 200) {
    const auto session = parse_object(response.body);
    if (text_in(session, "did") == did_) note_handle(text_in(session, "handle"));
    return {};
  }
  auto error = xrpc_error(response, credentials_.now().service);
  error.kind = ends_sign_in(response) ? ErrorKind::denied : ErrorKind::unavailable;
  return error;
}

// What a server says where a handle no longer leads back to the account is no name.
void Session::note_handle(std::string handle) {
  if (!handle.empty() && handle != "handle.invalid") handle_ = std::move(handle);
}

}  // namespace linnet::connect::bluesky
