// Likes, boosts, follows, counts, and whether they are there.
#include <fmt/format.h>

#include "connect/mastodon/acting_mastodon.hpp"
#include "net/url.hpp"

namespace linnet::connect::mastodon {
namespace {

namespace json = boost::json;
using acting::flag_in;
using model::ActionType;

std::string status_path(const std::string& id) {
  return "/api/v1/statuses/" + net::percent_encode(id);
}

}  // namespace

std::string_view acting::flag_of(ActionType type) {
  return type == ActionType::like || type == ActionType::unlike ? "favourited" : "reblogged";
}

Outcome ActingMastodon::react(const Order& order, std::string_view verb, const std::stop_token& stop) {
  auto outcome = outcome_of(call({.method = "POST",
                                  .path = fmt::format("{}/{}", status_path(order.target_id), verb),
                                  .body = json::object(),
                                  .order = &order},
                                 stop),
                            verb);
  // Of a boost, the answer is the boost itself.
  if (outcome.kind == OutcomeKind::done && order.type != ActionType::boost)
    outcome.platform_id = order.target_id;
  return outcome;
}

Outcome ActingMastodon::follow(const Order& order, const std::stop_token& stop) {
  const auto* const verb = order.type == ActionType::follow ? "follow" : "unfollow";
  auto outcome = outcome_of(
      call({.method = "POST",
            .path = fmt::format("/api/v1/accounts/{}/{}", net::percent_encode(order.target_id), verb),
            .body = json::object(),
            .order = &order},
           stop),
      verb);
  if (outcome.kind == OutcomeKind::done) outcome.platform_id = order.target_id;
  return outcome;
}

Outcome ActingMastodon::mark_read(const Order& order, const std::stop_token& stop) {
  const auto response =
      call({.method = "POST",
            .path = fmt::format("/api/v1/conversations/{}/read", net::percent_encode(order.target_id)),
            .body = json::object(),
            .order = &order},
           stop);
  auto outcome = outcome_of(response, "the reading mark");
  // Doing it again does no harm; where the server says that it is done, it is looked at first.
  const bool says_done = response && response->status >= 200 && response->status <= 299;
  if (outcome.kind == OutcomeKind::unknown && !says_done) outcome.kind = OutcomeKind::not_sent;
  return outcome;
}

Outcome ActingMastodon::count(const Order& order, const std::stop_token& stop) {
  const auto response = call({.path = status_path(order.target_id)}, stop);
  auto outcome = outcome_of(response, "the counts");
  if (outcome.kind == OutcomeKind::unknown) outcome.kind = OutcomeKind::not_sent;
  if (outcome.kind != OutcomeKind::done) return outcome;
  const auto status = json::parse(response->body).as_object();
  for (const auto* const name : {"replies_count", "reblogs_count", "favourites_count"})
    outcome.details[name] = acting::number_in(status, name, 0);
  return outcome;
}

Result<Evidence> ActingMastodon::look(const Order& order, const std::string& platform_id,
                                      const std::stop_token& stop) {
  using Shown = Evidence::Shown;
  Evidence evidence;
  evidence.method = model::VerificationMethod::api_response;
  evidence.confidence = 0.95;
  switch (order.type) {
    case ActionType::like:
    case ActionType::unlike:
    case ActionType::boost:
    case ActionType::unboost: {
      LINNET_TRY(const auto status, read(status_path(order.target_id), stop));
      const auto* const object = status.if_object();
      const auto* const flag = object == nullptr ? nullptr : object->if_contains(acting::flag_of(order.type));
      if (flag == nullptr || !flag->is_bool()) return Evidence{};
      const bool wanted = order.type == ActionType::like || order.type == ActionType::boost;
      evidence.shown = flag->as_bool() == wanted ? Shown::yes : Shown::no;
      evidence.platform_id = platform_id.empty() ? order.target_id : platform_id;
      evidence.url = text_or_number_in(*object, "url");
      evidence.details = {{acting::flag_of(order.type), flag->as_bool()}};
      return evidence;
    }
    case ActionType::follow:
    case ActionType::unfollow: {
      LINNET_TRY(
          const auto list,
          read("/api/v1/accounts/relationships?id%5B%5D=" + net::percent_encode(order.target_id), stop));
      if (!list.is_array() || list.as_array().empty() || !list.as_array().front().is_object())
        return Evidence{};
      const auto& relation = list.as_array().front().as_object();
      const bool follows = flag_in(relation, "following") || flag_in(relation, "requested");
      evidence.shown = follows == (order.type == ActionType::follow) ? Shown::yes : Shown::no;
      evidence.platform_id = order.target_id;
      evidence.details = {{"following", flag_in(relation, "following")},
                          {"requested", flag_in(relation, "requested")}};
      return evidence;
    }
    default:
      return look_for_post(order, platform_id, stop);
  }
}

}  // namespace linnet::connect::mastodon
