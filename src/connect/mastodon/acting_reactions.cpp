// Likes, boosts, follows, counts, and whom they are aimed at.
#include <fmt/format.h>

#include "base/html_entities.hpp"
#include "base/html_text.hpp"
#include "base/html_tokenizer.hpp"
#include "base/text.hpp"
#include "connect/mastodon/acting_mastodon.hpp"
#include "net/url.hpp"

namespace linnet::connect::mastodon {
namespace {

namespace json = boost::json;
using acting::flag_in;
using acting::text_in;
using model::ActionType;

constexpr std::size_t kMostLinks = 50;

std::string status_path(const std::string& id) {
  return "/api/v1/statuses/" + net::percent_encode(id);
}

// The addresses a text links to, without those of mentions and hashtags.
std::vector<std::string> links_of(std::string_view html) {
  std::vector<std::string> links;
  HtmlTokenizer tokens(html);
  HtmlToken token;
  while (links.size() < kMostLinks && tokens.next(token)) {
    if (token.kind != HtmlToken::Kind::start_tag || token.tag != HtmlTag::a) continue;
    std::string href;
    bool is_named = false;  // a mention or a hashtag
    HtmlAttributes attributes(token.raw);
    HtmlAttribute attribute;
    while (attributes.next(attribute)) {
      const bool has_mention = attribute.value.find("mention") != std::string_view::npos;
      is_named = is_named || (net::equal_ignoring_case(attribute.name, "class") && has_mention);
      if (href.empty() && net::equal_ignoring_case(attribute.name, "href"))
        href = decode_entities(attribute.value, EntityContext::attribute);
    }
    if (!is_named && net::parse_url(href)) links.push_back(to_valid_utf8(href));
  }
  return links;
}

void read_author(const json::object& account, Target& target) {
  target.author_id = text_in(account, "id");
  target.author_name = text_in(account, "acct");
  target.author_bio = html_to_text(text_in(account, "note"));
  target.author_followers = acting::number_in(account, "followers_count", 0);
  if (flag_in(account, "noindex")) target.author_bio += "\n#noindex";
  if (const auto* const fields = account.if_contains("fields"); fields != nullptr && fields->is_array()) {
    for (const auto& field : fields->as_array()) {
      if (field.is_object()) target.author_bio += "\n" + html_to_text(text_in(field.as_object(), "value"));
    }
  }
}

// Which flag of a status shows the effect.
std::string_view flag_of(ActionType type) {
  return type == ActionType::like || type == ActionType::unlike ? "favourited" : "reblogged";
}

}  // namespace

Outcome ActingMastodon::react(const Order& order, std::string_view verb, const std::stop_token& stop) {
  auto outcome = outcome_of(
      call({"POST", fmt::format("{}/{}", status_path(order.target_id), verb), json::object(), "", "", ""},
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
      call({"POST", fmt::format("/api/v1/accounts/{}/{}", net::percent_encode(order.target_id), verb),
            json::object(), "", "", ""},
           stop),
      verb);
  if (outcome.kind == OutcomeKind::done) outcome.platform_id = order.target_id;
  return outcome;
}

Outcome ActingMastodon::mark_read(const Order& order, const std::stop_token& stop) {
  auto outcome = outcome_of(
      call({"POST", fmt::format("/api/v1/conversations/{}/read", net::percent_encode(order.target_id)),
            json::object(), "", "", ""},
           stop),
      "the reading mark");
  if (outcome.kind == OutcomeKind::unknown)
    outcome.kind = OutcomeKind::not_sent;  // doing it again does no harm
  return outcome;
}

Outcome ActingMastodon::count(const Order& order, const std::stop_token& stop) {
  const auto response = call({"GET", status_path(order.target_id), nullptr, "", "", ""}, stop);
  auto outcome = outcome_of(response, "the counts");
  if (outcome.kind == OutcomeKind::unknown) outcome.kind = OutcomeKind::not_sent;
  if (outcome.kind != OutcomeKind::done) return outcome;
  const auto status = json::parse(response->body).as_object();
  for (const auto* const name : {"replies_count", "reblogs_count", "favourites_count"})
    outcome.details[name] = acting::number_in(status, name, 0);
  return outcome;
}

Result<Target> ActingMastodon::target(const Order& order, const std::stop_token& stop) {
  Target target;
  if (order.target_type == model::TargetType::user) {
    LINNET_TRY(const auto account, read("/api/v1/accounts/" + net::percent_encode(order.target_id), stop));
    if (account.is_object()) read_author(account.as_object(), target);
    if (order.type != ActionType::follow && order.type != ActionType::unfollow) return target;
    LINNET_TRY(const auto evidence, look(order, "", stop));
    target.already_done = evidence.shown == Evidence::Shown::yes;
    return target;
  }
  if (order.target_type != model::TargetType::post) return target;
  const auto status = read(status_path(order.target_id), stop);
  const bool deletes = order.type == ActionType::delete_post || order.type == ActionType::delete_comment;
  if (!status) {
    if (!deletes || status.error().kind != ErrorKind::not_found) return status.error();
    target.already_done = true;
    return target;
  }
  const auto* const object = status->if_object();
  if (object == nullptr) return unavailable(fmt::format("{} sent no post", options_.base_url));
  const auto content = text_in(*object, "content");
  target.post_text = html_to_text(content);
  if (const auto spoiler = text_in(*object, "spoiler_text"); !spoiler.empty())
    target.post_text = spoiler + "\n" + target.post_text;
  target.post_url = text_in(*object, "url");
  target.links = links_of(content);
  if (const auto* const account = acting::object_in(*object, "account")) read_author(*account, target);
  switch (order.type) {
    case ActionType::like:
    case ActionType::boost:
      target.already_done = flag_in(*object, flag_of(order.type));
      break;
    case ActionType::unlike:
    case ActionType::unboost:
      target.already_done = !flag_in(*object, flag_of(order.type));
      break;
    default:
      break;
  }
  return target;
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
      const auto* const flag = object == nullptr ? nullptr : object->if_contains(flag_of(order.type));
      if (flag == nullptr || !flag->is_bool()) return Evidence{};
      const bool wanted = order.type == ActionType::like || order.type == ActionType::boost;
      evidence.shown = flag->as_bool() == wanted ? Shown::yes : Shown::no;
      evidence.platform_id = platform_id.empty() ? order.target_id : platform_id;
      evidence.url = text_in(*object, "url");
      evidence.details = {{flag_of(order.type), flag->as_bool()}};
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
