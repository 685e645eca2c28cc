// Whom and what an order is about: the post or person it is aimed at, and whom its own text reaches.
#include <fmt/format.h>

#include "base/ascii.hpp"
#include "base/html_entities.hpp"
#include "base/html_text.hpp"
#include "base/html_tokenizer.hpp"
#include "base/text.hpp"
#include "connect/audience.hpp"
#include "connect/mastodon/acting_mastodon.hpp"
#include "net/url.hpp"

namespace linnet::connect::mastodon {
namespace {

namespace json = boost::json;
using acting::flag_in;
using model::ActionType;

constexpr std::size_t kMostLinks = 50;

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
      is_named = is_named || (ascii::equal_ignoring_case(attribute.name, "class") && has_mention);
      if (href.empty() && ascii::equal_ignoring_case(attribute.name, "href"))
        href = decode_entities(attribute.value, EntityContext::attribute);
    }
    if (!is_named && net::parse_url(href)) links.push_back(to_valid_utf8(href));
  }
  return links;
}

Person read_person(const json::object& account) {
  Person person{text_or_number_in(account, "id"), text_or_number_in(account, "acct"),
                html_to_text(text_or_number_in(account, "note"))};
  if (flag_in(account, "noindex")) person.bio += "\n#noindex";
  if (const auto* const fields = account.if_contains("fields"); fields != nullptr && fields->is_array()) {
    for (const auto& field : fields->as_array()) {
      if (field.is_object()) person.bio += "\n" + html_to_text(text_or_number_in(field.as_object(), "value"));
    }
  }
  return person;
}

void read_author(const json::object& account, Target& target) {
  auto person = read_person(account);
  target.author_id = std::move(person.id);
  target.author_name = std::move(person.name);
  target.author_bio = std::move(person.bio);
  target.author_followers = acting::number_in(account, "followers_count", 0);
}

bool shows_effect(ActionType type, const json::object& status) {
  switch (type) {
    case ActionType::like:
    case ActionType::boost:
      return flag_in(status, acting::flag_of(type));
    case ActionType::unlike:
    case ActionType::unboost:
      return !flag_in(status, acting::flag_of(type));
    default:
      return false;
  }
}

}  // namespace

Result<Target> ActingMastodon::target(const Order& order, const std::stop_token& stop) {
  Target target;
  switch (order.target_type) {
    case model::TargetType::user:
      LINNET_CHECK(read_target_person(order.target_id, target, stop));
      if (order.type == ActionType::follow || order.type == ActionType::unfollow) {
        LINNET_TRY(const auto evidence, look(order, "", stop));
        target.already_done = evidence.shown == Evidence::Shown::yes;
      }
      break;
    case model::TargetType::post:
      LINNET_CHECK(read_target_post(order, target, stop));
      break;
    case model::TargetType::dm_thread: {
      // One that is not among the newest stays unknown here.
      LINNET_TRY(const auto thread, order.type == ActionType::dm_send ? thread_with_one(order.target_id, stop)
                                                                      : find_thread(order.target_id, stop));
      if (thread && !thread->participant_id.empty())
        LINNET_CHECK(read_target_person(thread->participant_id, target, stop));
      break;
    }
    default:
      break;
  }
  if (model::has_text(order.type)) LINNET_CHECK(read_audience(order.draft, target, stop));
  return target;
}

Status ActingMastodon::read_target_person(const std::string& id, Target& target,
                                          const std::stop_token& stop) {
  LINNET_TRY(const auto account, read("/api/v1/accounts/" + net::percent_encode(id), stop));
  if (account.is_object()) read_author(account.as_object(), target);
  return {};
}

Status ActingMastodon::read_target_post(const Order& order, Target& target, const std::stop_token& stop) {
  const auto status = read("/api/v1/statuses/" + net::percent_encode(order.target_id), stop);
  const bool deletes = order.type == ActionType::delete_post || order.type == ActionType::delete_comment;
  if (!status) {
    if (!deletes || status.error().kind != ErrorKind::not_found) return status.error();
    target.already_done = true;
    return {};
  }
  const auto* const object = status->if_object();
  if (object == nullptr) return unavailable(fmt::format("{} sent no post", options_.base_url));
  const auto content = text_or_number_in(*object, "content");
  target.post_text = html_to_text(content);
  if (const auto spoiler = text_or_number_in(*object, "spoiler_text"); !spoiler.empty())
    target.post_text = spoiler + "\n" + target.post_text;
  target.post_url = text_or_number_in(*object, "url");
  target.links = links_of(content);
  if (const auto* const account = object_in(*object, "account")) read_author(*account, target);
  target.already_done = shows_effect(order.type, *object);
  return {};
}

Status ActingMastodon::read_audience(const Draft& draft, Target& target, const std::stop_token& stop) {
  for (const auto& name : mentioned_names(draft.text)) {
    LINNET_TRY(auto person, find_person(name, stop));
    target.mentioned.push_back(std::move(person));
  }
  if (!draft.quoted_id) return {};
  LINNET_TRY(const auto quoted, read("/api/v1/statuses/" + net::percent_encode(*draft.quoted_id), stop));
  const auto* const status = quoted.if_object();
  const auto* const author = status == nullptr ? nullptr : object_in(*status, "account");
  if (author == nullptr) return unavailable(fmt::format("{} sent no post", options_.base_url));
  target.quoted = read_person(*author);
  return {};
}

// As posting would find them: whom the server does not know yet it asks their own server for.
Result<Person> ActingMastodon::find_person(const std::string& name, const std::stop_token& stop) {
  const auto known = read("/api/v1/accounts/lookup?acct=" + net::percent_encode(name), stop);
  if (known && known->is_object()) return read_person(known->as_object());
  if (!known && known.error().kind != ErrorKind::not_found) return known.error();
  Person nobody{"", name, ""};
  if (name.find('@') == std::string::npos) return nobody;
  const auto found =
      read("/api/v1/accounts/search?resolve=true&limit=5&q=" + net::percent_encode("@" + name), stop);
  // A server that does not search for others does not know them.
  if (!found && found.error().kind == ErrorKind::unavailable) return found.error();
  if (!found || !found->is_array()) return nobody;
  for (const auto& account : found->as_array()) {
    if (account.is_object() && fold_case(text_or_number_in(account.as_object(), "acct")) == fold_case(name))
      return read_person(account.as_object());
  }
  return nobody;
}

}  // namespace linnet::connect::mastodon
