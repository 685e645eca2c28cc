#include "connect/mastodon/acting_mastodon.hpp"

#include <fmt/format.h>

#include "net/rate_limit.hpp"

namespace linnet::connect::mastodon {

namespace json = boost::json;
using model::ActionType;

namespace acting {

std::string text_in(const json::object& object, std::string_view name) {
  const auto* const value = object.if_contains(name);
  if (value == nullptr) return {};
  if (value->is_string()) return std::string(std::string_view(value->as_string()));
  if (value->is_int64()) return std::to_string(value->as_int64());
  return {};
}

bool flag_in(const json::object& object, std::string_view name) {
  const auto* const value = object.if_contains(name);
  return value != nullptr && value->is_bool() && value->as_bool();
}

std::int64_t number_in(const json::object& object, std::string_view name, std::int64_t fallback) {
  const auto* const value = object.if_contains(name);
  return value != nullptr && value->is_int64() ? value->as_int64() : fallback;
}

const json::object* object_in(const json::object& object, std::string_view name) {
  const auto* const value = object.if_contains(name);
  return value == nullptr ? nullptr : value->if_object();
}

bool is_api_error(const net::HttpResponse& response) {
  boost::system::error_code code;
  const auto value = json::parse(response.body, code);
  return !code && value.is_object() && value.as_object().contains("error");
}

Outcome refused(Error error) {
  Outcome outcome;
  outcome.kind = OutcomeKind::refused;
  outcome.error = std::move(error);
  return outcome;
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

// What servers say of accounts that may no longer act (Mastodon's `login.…` and `sessions` texts).
bool says_restricted(const std::string& body) {
  for (const auto* const sign : {"disabled", "suspended", "limited", "restricted", "pending approval"}) {
    if (body.find(sign) != std::string::npos) return true;
  }
  return false;
}

std::optional<Instant> retry_time(const net::HttpResponse& response, Instant now) {
  net::RateLimit limit;
  limit.on_response(response.status, response.headers, now);
  return limit.next_allowed(now);
}

}  // namespace

ActingMastodon::ActingMastodon(net::HttpTransport& transport, RequestBudget& budget, Clock& clock,
                               ApiOptions options, std::string user_id)
    : transport_(transport),
      budget_(budget),
      clock_(clock),
      options_(std::move(options)),
      user_id_(std::move(user_id)) {}

Capabilities capabilities_of_mastodon() {
  Capabilities can;
  for (int i = 0; i < model::kActionTypes; ++i) can.actions.insert(static_cast<ActionType>(i));
  can.media = can.polls = can.spoiler_text = can.visibility = can.scheduling = can.quotes = true;
  can.has_idempotency_key = true;  // for an hour (docs.joinmastodon.org/methods/statuses)
  return can;
}

void ActingMastodon::heed(const net::HttpResponse& response) {
  if (response.status >= 200 && response.status <= 299) restriction_.clear();
  if (response.status == 403 && acting::is_api_error(response) && says_restricted(response.body))
    restriction_ = api_error(response, options_.base_url, true).safe;
}

Capabilities ActingMastodon::capabilities() const {
  return capabilities_of_mastodon();
}

Result<net::HttpResponse> ActingMastodon::call(const Call& call, const std::stop_token& stop) {
  net::HttpRequest request;
  request.method = call.method;
  request.url = options_.base_url + call.path;
  request.timeout = options_.timeout;
  request.redirects = net::Redirects::refuse;  // what carries the token and acts goes nowhere else
  request.may_be_repeated = call.method == "GET";
  request.headers.add("Accept", "application/json");
  request.headers.add("Authorization", "Bearer " + options_.token);
  if (!call.idempotency_key.empty()) request.headers.add("Idempotency-Key", call.idempotency_key);
  if (!call.raw_body.empty()) {
    request.headers.add("Content-Type", call.content_type);
    request.body = call.raw_body;
  } else if (!call.body.is_null()) {
    request.headers.add("Content-Type", "application/json");
    request.body = json::serialize(call.body);
  }
  if (auto may = budget_.wait(Priority::normal, stop); !may) {
    auto error = may.error();
    error.never_sent = true;
    return error;
  }
  auto response = transport_.send(request, stop);
  if (!response) return api_error(response.error(), options_.base_url);
  // Posts, deletions and files have budgets of their own (Mastodon's rack-attack), which say nothing about
  // reading: one that is used up must not hold up the rest.
  if (call.method == "GET") budget_.on_response(response->status, response->headers);
  heed(*response);
  return response;
}

Result<json::value> ActingMastodon::read(const std::string& path, const std::stop_token& stop) {
  LINNET_TRY(const auto response, call({"GET", path, nullptr, "", "", ""}, stop));
  if (response.status < 200 || response.status > 299) return api_error(response, options_.base_url, true);
  boost::system::error_code code;
  auto value = json::parse(response.body, code);
  if (code) return unavailable(fmt::format("{} answered with JSON that cannot be read", options_.base_url));
  return value;
}

Outcome ActingMastodon::outcome_of(const Result<net::HttpResponse>& response, std::string_view what) {
  if (!response) {
    if (response.error().never_sent) return acting::not_sent(response.error());
    Outcome outcome;
    outcome.error = response.error();
    return outcome;
  }
  const auto error = api_error(*response, options_.base_url, true);
  if (response->status >= 200 && response->status <= 299) {
    Outcome outcome;
    boost::system::error_code code;
    const auto value = json::parse(response->body, code);
    const auto* const object = code ? nullptr : value.if_object();
    if (object == nullptr) {
      outcome.error =
          unavailable(fmt::format("{}: the answer to {} cannot be read", options_.base_url, what));
      return outcome;
    }
    outcome.kind = OutcomeKind::done;
    outcome.platform_id = acting::text_in(*object, "id");
    outcome.url = acting::text_in(*object, "url");
    return outcome;
  }
  if (response->status == 429) return acting::not_sent(error, retry_time(*response, clock_.now()));
  if (response->status == 401 && acting::is_api_error(*response)) {
    auto outcome = acting::refused(error);
    outcome.signed_out = true;
    return outcome;
  }
  if (response->status == 403) {
    auto outcome = acting::refused(error);
    outcome.restricted = acting::is_api_error(*response) && says_restricted(response->body);
    return outcome;
  }
  if (response->status >= 400 && response->status <= 499 && response->status != 408)
    return acting::refused(error);
  Outcome outcome;  // 5xx, 408, redirects: it may have been done
  outcome.error = error;
  return outcome;
}

Outcome ActingMastodon::perform(const Order& order, const std::stop_token& stop) {
  switch (order.type) {
    case ActionType::publish:
    case ActionType::comment:
    case ActionType::reply:
    case ActionType::dm_send:
    case ActionType::edit_post:
      return publish(order, stop);
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
  return acting::refused(internal_error("an action that is not known"));
}

Result<PlatformLimits> ActingMastodon::limits(const std::stop_token& stop) {
  if (limits_ && clock_.now() - limits_read_at_ < std::chrono::hours(1)) return *limits_;
  auto instance = read("/api/v2/instance", stop);
  if (!instance && instance.error().kind == ErrorKind::not_found) instance = read("/api/v1/instance", stop);
  if (!instance) return limits_ ? Result<PlatformLimits>(*limits_) : instance.error();
  PlatformLimits limits;
  limits.url_length = 23;
  const auto* const object = instance->if_object();
  const auto* const configuration = object == nullptr ? nullptr : acting::object_in(*object, "configuration");
  if (configuration != nullptr) {
    if (const auto* const statuses = acting::object_in(*configuration, "statuses")) {
      limits.text_length = acting::number_in(*statuses, "max_characters", limits.text_length);
      limits.media_count = acting::number_in(*statuses, "max_media_attachments", limits.media_count);
      limits.url_length = acting::number_in(*statuses, "characters_reserved_per_url", limits.url_length);
    }
    if (const auto* const media = acting::object_in(*configuration, "media_attachments")) {
      limits.image_bytes = acting::number_in(*media, "image_size_limit", limits.image_bytes);
      limits.video_bytes = acting::number_in(*media, "video_size_limit", limits.video_bytes);
      limits.alt_text_length = acting::number_in(*media, "description_limit", limits.alt_text_length);
      if (const auto* const types = media->if_contains("supported_mime_types");
          types != nullptr && types->is_array()) {
        for (const auto& type : types->as_array()) {
          if (type.is_string()) limits.media_types.emplace_back(std::string_view(type.as_string()));
        }
      }
    }
    if (const auto* const polls = acting::object_in(*configuration, "polls")) {
      limits.poll_options = acting::number_in(*polls, "max_options", limits.poll_options);
      limits.poll_option_length =
          acting::number_in(*polls, "max_characters_per_option", limits.poll_option_length);
    }
  }
  limits_ = limits;
  limits_read_at_ = clock_.now();
  return limits;
}

Status ActingMastodon::check_credentials(const std::stop_token& stop) {
  LINNET_TRY(const auto response,
             call({"GET", "/api/v1/accounts/verify_credentials", nullptr, "", "", ""}, stop));
  if (response.status >= 200 && response.status <= 299) return {};
  auto error = api_error(response, options_.base_url, true);
  // Only «not signed in», in the API's own words, signs an account out.
  const bool is_void = response.status == 401 && acting::is_api_error(response);
  if (!is_void && error.kind == ErrorKind::denied) error.kind = ErrorKind::unavailable;
  return error;
}

}  // namespace linnet::connect::mastodon
