#include "connect/mastodon/acting_mastodon.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/json_members.hpp"
#include "base/text.hpp"
#include "connect/answer_table.hpp"
#include "connect/budgeted_send.hpp"
#include "connect/mastodon/instance_limits.hpp"
#include "net/url.hpp"

namespace linnet::connect::mastodon {

namespace json = boost::json;
using model::ActionType;

namespace acting {

constexpr std::size_t kLongestId = 200;

bool flag_in(const json::object& object, std::string_view name) {
  const auto* const value = object.if_contains(name);
  return value != nullptr && value->is_bool() && value->as_bool();
}

std::string id_in(const json::object& object) {
  auto id = text_or_number_in(object, "id");
  const bool is_plain =
      std::all_of(id.begin(), id.end(), [](unsigned char c) { return c > 0x20 && c < 0x7F; });
  return is_plain && id.size() <= kLongestId ? id : std::string();
}

std::int64_t number_in(const json::object& object, std::string_view name, std::int64_t fallback) {
  const auto* const value = object.if_contains(name);
  return value != nullptr && value->is_int64() ? value->as_int64() : fallback;
}

bool is_api_error(const net::HttpResponse& response) {
  return parse_object(response.body).contains("error");
}

const json::array& list_in(const json::object& object, std::string_view name) {
  static const json::array none;
  const auto* const value = object.if_contains(name);
  return value != nullptr && value->is_array() ? value->as_array() : none;
}

json::array ids_of_files(const json::object& status) {
  json::array ids;
  for (const auto& file : list_in(status, "media_attachments")) {
    if (file.is_object()) ids.emplace_back(text_or_number_in(file.as_object(), "id"));
  }
  return ids;
}

json::object poll_of(const Poll& poll) {
  return {{"options", json::array(poll.options.begin(), poll.options.end())},
          {"expires_in", std::chrono::duration_cast<std::chrono::seconds>(poll.open_for).count()},
          {"multiple", poll.multiple}};
}

Outcome not_sent(Error error, std::optional<Instant> retry_at) {
  Outcome outcome;
  outcome.kind = OutcomeKind::not_sent;
  outcome.error = std::move(error);
  outcome.retry_at = retry_at;
  return outcome;
}

}  // namespace acting

namespace {

constexpr std::uint64_t kSlowestUpload = 100'000;  // bytes a second: a film takes its time

// What servers say of an account that may no longer act: Mastodon «Your login is currently disabled», others
// «Your account is suspended». What is said of anything else («Search is disabled») is none of it.
bool says_restricted(const std::string& body) {
  boost::system::error_code code;
  const auto value = json::parse(body, code);
  if (code || !value.is_object()) return false;
  const auto said = fold_case(text_or_number_in(value.as_object(), "error"));
  const auto says_any = [&](std::initializer_list<std::string_view> words) {
    return std::any_of(words.begin(), words.end(),
                       [&](std::string_view word) { return said.find(word) != std::string::npos; });
  };
  return says_any(
             {"your login ", "your account ", "user account ", "this account is ", "account has been "}) &&
         says_any({"disabled", "suspended", "limited", "restricted", "pending approval", "awaiting approval",
                   "deactivated", "banned", "frozen", "silenced"});
}

bool says_restricted_itself(const net::HttpResponse& response) {
  return acting::is_api_error(response) && says_restricted(response.body);
}

// What has no line may have been done: 5xx, redirects. Only the API's own «not signed in» signs an account
// out.
constexpr AnswerMeaning kAnswers[] = {
    {200, 299, OutcomeKind::done},
    {429, 429, OutcomeKind::not_sent},
    {408, 408, OutcomeKind::unknown},
    {401, 401, OutcomeKind::refused, acting::is_api_error, true},
    {403, 403, OutcomeKind::refused, says_restricted_itself, false, true},
    {400, 499, OutcomeKind::refused},
};

// Mastodon's rack-attack and its own RateLimiter count these by themselves, and say of them alone how much is
// left (config/initializers/rack_attack.rb, app/lib/rate_limiter.rb).
std::string_view budget_kind(std::string_view method, std::string_view path) {
  path = path.substr(0, path.find('?'));
  if (method == "GET") return {};
  if (method == "DELETE" || path.ends_with("/unreblog")) return "deletions";
  if (path.starts_with("/api/v2/media") || path.starts_with("/api/v1/media")) return "files";
  if (path.ends_with("/follow")) return "follows";
  const bool is_post = path == "/api/v1/statuses" || path.ends_with("/reblog");
  return is_post || method == "PUT" ? "posts" : "";
}

}  // namespace

ActingMastodon::ActingMastodon(net::HttpTransport& transport, RequestBudget& budget, Clock& clock,
                               ApiOptions options, std::string user_id)
    : transport_(transport),
      budget_(budget),
      clock_(clock),
      options_(std::move(options)),
      user_id_(std::move(user_id)) {
  budget_.assume(kUsualPace);
}

Capabilities capabilities_of_mastodon() {
  Capabilities can;
  for (int i = 0; i < model::kActionTypes; ++i) can.actions.insert(static_cast<ActionType>(i));
  can.media = can.polls = can.spoiler_text = can.visibility = can.scheduling = can.quotes = true;
  can.has_idempotency_key = true;  // for an hour (docs.joinmastodon.org/methods/statuses)
  return can;
}

void ActingMastodon::heed(const net::HttpResponse& response) {
  if (response.status >= 200 && response.status <= 299) restriction_.clear();
  if (response.status == 403 && says_restricted_itself(response))
    restriction_ = api_error(response, options_.base_url, true).safe;
}

// Before the server has said what it is, an order that comes twice is taken to be carried out twice.
Capabilities ActingMastodon::capabilities() const {
  auto can = capabilities_of_mastodon();
  if (kind_) return without_missing(std::move(can), *kind_);
  can.has_idempotency_key = false;
  return can;
}

void ActingMastodon::learn_kind(const json::object& instance, const std::stop_token& stop) {
  const auto named = nodeinfo_name(stop);
  if (named) {
    kind_ = server_kind(instance, *named);
    return;
  }
  // Whoever poses as Mastodon says so only there.
  auto by_itself = server_kind(instance, "");
  if (!kind_ && by_itself.family != ServerFamily::mastodon) kind_ = std::move(by_itself);
}

// nodeinfo.diaspora.software/protocol: a list of addresses, newest last; here only on the server itself.
Result<std::string> ActingMastodon::nodeinfo_name(const std::stop_token& stop) {
  const auto list = read("/.well-known/nodeinfo", stop);
  if (!list && list.error().kind != ErrorKind::not_found) return list.error();
  const auto* const links = list && list->is_object() ? list->as_object().if_contains("links") : nullptr;
  if (links == nullptr || !links->is_array()) return std::string();
  for (const auto& link : links->as_array()) {
    const auto href = link.is_object() ? text_or_number_in(link.as_object(), "href") : std::string();
    if (!href.starts_with(options_.base_url + "/")) continue;
    const auto info = read(href.substr(options_.base_url.size()), stop);
    if (!info && info.error().kind != ErrorKind::not_found) return info.error();
    const auto* const software =
        info && info->is_object() ? object_in(info->as_object(), "software") : nullptr;
    return software == nullptr ? std::string() : text_or_number_in(*software, "name");
  }
  return std::string();
}

Result<net::HttpResponse> ActingMastodon::call(Call call, const std::stop_token& stop) {
  net::HttpRequest request;
  request.method = call.method;
  request.url = options_.base_url + call.path;
  request.timeout = options_.timeout;
  request.redirects = net::Redirects::refuse;  // what carries the token and acts goes nowhere else
  request.may_be_repeated = call.method == "GET";
  request.headers.add("Accept", "application/json");
  request.headers.add("Authorization", "Bearer " + options_.token);
  if (!call.idempotency_key.empty()) request.headers.add("Idempotency-Key", call.idempotency_key);
  if (call.form) {
    request.headers.add("Content-Type", call.form->content_type);
    request.timeout += std::chrono::seconds(call.form->body.length() / kSlowestUpload);
    request.file = std::move(call.form->body);
  } else if (!call.body.is_null()) {
    request.headers.add("Content-Type", "application/json");
    request.body = json::serialize(call.body);
  }
  const auto kind = budget_kind(call.method, call.path);
  Going going{.kind = kind, .server = options_.base_url};
  if (call.order != nullptr) going.still_wanted = call.order->still_wanted;
  auto response = send_in_budget(transport_, budget_, request, stop, going);
  if (!response) {
    if (response.error().kind == ErrorKind::rate_limited) held_until_ = budget_.next(Priority::normal, kind);
    return response;
  }
  heed(*response);
  return response;
}

Result<json::value> ActingMastodon::read(const std::string& path, const std::stop_token& stop) {
  LINNET_TRY(const auto response, call({.path = path}, stop));
  if (response.status < 200 || response.status > 299) return api_error(response, options_.base_url, true);
  boost::system::error_code code;
  auto value = json::parse(response.body, code);
  if (code) return unavailable(fmt::format("{} answered with JSON that cannot be read", options_.base_url));
  return value;
}

Outcome ActingMastodon::outcome_of(const Result<net::HttpResponse>& response, std::string_view what) {
  if (!response) return meaning_of(response.error(), std::exchange(held_until_, {}));
  auto outcome = meaning_of(*response, kAnswers, api_error(*response, options_.base_url, true), clock_.now());
  if (outcome.kind == OutcomeKind::done) name_what_was_done(*response, what, outcome);
  return outcome;
}

// Proxies and some servers say «no» with a status that says «yes»: without the id of what was done there is
// no evidence, and it is looked up.
void ActingMastodon::name_what_was_done(const net::HttpResponse& response, std::string_view what,
                                        Outcome& outcome) const {
  const auto object = parse_object(response.body);
  outcome.platform_id = object.contains("error") ? std::string() : acting::id_in(object);
  outcome.url = text_or_number_in(object, "url");
  if (!outcome.platform_id.empty()) return;
  const auto said = to_valid_utf8(truncate_utf8(text_or_number_in(object, "error"), 200));
  outcome = {};
  outcome.error = unavailable(
      said.empty() ? fmt::format("{}: the answer to {} does not say what was done", options_.base_url, what)
                   : fmt::format("{} answered {} with success and an error at once: \"{}\"",
                                 options_.base_url, what, said));
}

Outcome ActingMastodon::perform(const Order& order, const std::stop_token& stop) {
  switch (order.type) {
    case ActionType::publish:
    case ActionType::comment:
    case ActionType::reply:
    case ActionType::dm_send:
      return publish(order, stop);
    case ActionType::edit_post:
      return edit(order, stop);
    case ActionType::like:
      return react(order, "favourite", stop);
    case ActionType::unlike:
      return react(order, "unfavourite", stop);
    case ActionType::boost:
      return react(order, "reblog", stop);
    case ActionType::unboost:
      return react(order, "unreblog", stop);
    case ActionType::follow:
    case ActionType::unfollow:
      return follow(order, stop);
    case ActionType::delete_post:
    case ActionType::delete_comment:
      return remove(order, stop);
    case ActionType::dm_read:
      return mark_read(order, stop);
    case ActionType::extract_stats:
      return count(order, stop);
  }
  return refused(internal_error("an action that is not known"));
}

Result<PlatformLimits> ActingMastodon::limits(const std::stop_token& stop) {
  const Duration hold = kind_ ? std::chrono::hours(1) : std::chrono::minutes(5);
  if (limits_ && clock_.now() - limits_read_at_ < hold) return *limits_;
  PlatformLimits limits;
  bool was_read = false;
  std::optional<Error> failure;
  // Where the newer description leaves something out, the older one may say it.
  for (const auto* const path : {"/api/v2/instance", "/api/v1/instance"}) {
    if (was_read && says_everything(limits)) break;
    const auto instance = read(path, stop);
    if (instance && instance->is_object()) {
      if (!was_read) learn_kind(instance->as_object(), stop);
      fill_limits(limits, instance->as_object(), kind_ ? kind_->family : ServerFamily::other);
      was_read = true;
    } else if (!failure || failure->kind == ErrorKind::not_found) {
      failure = instance ? unavailable(fmt::format("{} does not say what it takes", options_.base_url))
                         : instance.error();
    }
  }
  if (!was_read) return limits_ ? Result<PlatformLimits>(*limits_) : *failure;
  limits_ = limits;
  limits_read_at_ = clock_.now();
  return limits;
}

Status ActingMastodon::check_credentials(const std::stop_token& stop) {
  LINNET_TRY(const auto response, call({.path = "/api/v1/accounts/verify_credentials"}, stop));
  if (response.status >= 200 && response.status <= 299) {
    boost::system::error_code code;
    const auto account = json::parse(response.body, code);
    if (!code && account.is_object() && text_or_number_in(account.as_object(), "id") == user_id_)
      own_name_ = text_or_number_in(account.as_object(), "username");
    return {};
  }
  auto error = api_error(response, options_.base_url, true);
  // Only «not signed in», in the API's own words, signs an account out.
  const bool is_void = response.status == 401 && acting::is_api_error(response);
  if (!is_void && error.kind == ErrorKind::denied) error.kind = ErrorKind::unavailable;
  return error;
}

}  // namespace linnet::connect::mastodon
