// Whether what was written is there, by its id or among the account's own posts.
#include <fmt/format.h>

#include "base/html_text.hpp"
#include "base/text.hpp"
#include "connect/mastodon/acting_mastodon.hpp"
#include "net/rate_limit.hpp"
#include "net/url.hpp"

namespace linnet::connect::mastodon {
namespace {

namespace json = boost::json;
using acting::text_in;
using model::ActionType;

// How well the server's clock can be told from its answers.
constexpr auto kSkew = std::chrono::minutes(2);
// Servers forget Idempotency-Keys after an hour: what is sent again later than that, because it was not
// found, may be there twice.
constexpr auto kMaySayNo = std::chrono::minutes(55);
constexpr int kMostPages = 25;

std::string without_spaces(std::string_view text) {
  std::string squeezed;
  for (const char c : text) {
    if (c != ' ' && c != '\n' && c != '\t' && c != '\r') squeezed += c;
  }
  return squeezed;
}

bool mentions(const json::object& status, const std::string& id) {
  const auto* const people = status.if_contains("mentions");
  if (people == nullptr || !people->is_array()) return false;
  for (const auto& person : people->as_array()) {
    if (person.is_object() && text_in(person.as_object(), "id") == id) return true;
  }
  return false;
}

}  // namespace

// The text as the author wrote it is in `source`; what is shown leaves out the servers of mentions.
Result<bool> ActingMastodon::is_the_post(const Order& order, const std::string& recipient,
                                         const json::object& status, const std::stop_token& stop) {
  const bool is_answer = order.type == ActionType::comment || order.type == ActionType::reply;
  if (is_answer && text_in(status, "in_reply_to_id") != order.target_id) return false;
  if (order.type == ActionType::publish && !text_in(status, "in_reply_to_id").empty()) return false;
  if (order.type != ActionType::dm_send && order.type != ActionType::edit_post &&
      !order.draft.visibility.empty() && text_in(status, "visibility") != order.draft.visibility) {
    return false;
  }
  if (order.type == ActionType::dm_send && text_in(status, "visibility") != "direct") return false;
  // The same words may have gone to somebody else.
  if (!recipient.empty() && !mentions(status, recipient)) return false;
  if (text_in(status, "spoiler_text") != order.draft.spoiler_text) return false;
  const auto* const media = status.if_contains("media_attachments");
  const std::size_t count = media != nullptr && media->is_array() ? media->as_array().size() : 0;
  // An edit that brings no files keeps those that are there.
  const bool keeps_media = order.type == ActionType::edit_post && order.draft.media.empty();
  if (!keeps_media && count != order.draft.media.size()) return false;
  const auto wanted = without_spaces(order.draft.text);
  if (without_spaces(html_to_text(text_in(status, "content"))) == wanted) return true;
  auto source = read("/api/v1/statuses/" + net::percent_encode(text_in(status, "id")) + "/source", stop);
  if (!source && source.error().kind == ErrorKind::not_found) return false;
  if (!source) return source.error();
  auto written = source->is_object() ? text_in(source->as_object(), "text") : std::string();
  if (order.type == ActionType::dm_send) {
    // The mention that was put in front.
    const auto space = written.find(' ');
    written = space == std::string::npos ? written : written.substr(space + 1);
  }
  return without_spaces(written) == wanted;
}

Result<Evidence> ActingMastodon::look_for_post(const Order& order, const std::string& platform_id,
                                               const std::stop_token& stop) {
  using Shown = Evidence::Shown;
  const bool deletes = order.type == ActionType::delete_post || order.type == ActionType::delete_comment;
  const bool edits = order.type == ActionType::edit_post;
  if (order.type == ActionType::dm_read) return look_at_conversation(order, stop);
  if (order.draft.scheduled_at && !edits) return look_for_scheduled(order, platform_id, stop);
  const bool counts = order.type == ActionType::extract_stats;
  const auto& id = deletes || edits || counts ? order.target_id : platform_id;
  if (id.empty()) return search_own_posts(order, stop);
  const auto response =
      call({"GET", "/api/v1/statuses/" + net::percent_encode(id), nullptr, "", "", ""}, stop);
  if (!response) return response.error();
  const bool is_gone =
      (response->status == 404 || response->status == 410) && acting::is_api_error(*response);
  if (!is_gone && (response->status < 200 || response->status > 299)) {
    auto error = api_error(*response, options_.base_url, true);
    if (error.kind == ErrorKind::not_found) error.kind = ErrorKind::unavailable;  // a page said so
    return error;
  }
  boost::system::error_code code;
  const auto status = json::parse(response->body, code);
  if (code) return unavailable(fmt::format("{} answered with JSON that cannot be read", options_.base_url));
  Evidence evidence;
  evidence.method = model::VerificationMethod::api_response;
  evidence.confidence = 0.95;
  evidence.platform_id = id;
  evidence.details = {{"exists", !is_gone}};
  if (is_gone || deletes || counts) {
    evidence.shown = is_gone == deletes ? Shown::yes : Shown::no;
    return evidence;
  }
  const auto* const object = status.if_object();
  if (object == nullptr) return Evidence{};
  LINNET_TRY(const auto recipient, recipient_of(order, stop));
  LINNET_TRY(const bool is_same, is_the_post(order, recipient, *object, stop));
  evidence.shown = is_same ? Shown::yes : Shown::no;
  evidence.url = text_in(*object, "url");
  evidence.details["text_is_the_same"] = is_same;
  return evidence;
}

// Among what waits; once its time has come it is a post like any other, under another id.
Result<Evidence> ActingMastodon::look_for_scheduled(const Order& order, const std::string& platform_id,
                                                    const std::stop_token& stop) {
  LINNET_TRY(const auto list, read("/api/v1/scheduled_statuses?limit=40", stop));
  if (!list.is_array()) return Evidence{};
  for (const auto& item : list.as_array()) {
    if (!item.is_object()) return Evidence{};
    const auto& entry = item.as_object();
    const auto id = text_in(entry, "id");
    const auto* const made = acting::object_in(entry, "params");
    const bool is_same = made != nullptr &&
                         without_spaces(text_in(*made, "text")) == without_spaces(order.draft.text) &&
                         parse_iso8601(text_in(entry, "scheduled_at")) ==
                             std::chrono::floor<std::chrono::milliseconds>(*order.draft.scheduled_at);
    if (platform_id.empty() ? !is_same : id != platform_id) continue;
    return Evidence{Evidence::Shown::yes, 0.95, model::VerificationMethod::api_response, id, "",
                    {{"scheduled", true}}};
  }
  LINNET_TRY(auto published, search_own_posts(order, stop));
  // A full page may go on.
  if (published.shown == Evidence::Shown::no && list.as_array().size() >= 40) return Evidence{};
  return published;
}

Result<Evidence> ActingMastodon::search_own_posts(const Order& order, const std::stop_token& stop) {
  LINNET_TRY(const auto recipient, recipient_of(order, stop));
  // Words alone do not say whom they went to.
  if (order.type == ActionType::dm_send && recipient.empty()) return Evidence{};
  Evidence evidence;
  evidence.method = model::VerificationMethod::reload_verify;
  evidence.confidence = 0.9;
  const auto absent = [&](std::int64_t searched) {
    const auto age = clock_.now() - order.first_tried_at;
    const bool may_say_no = age < kMaySayNo && age > -kSkew;
    evidence.shown = may_say_no ? Evidence::Shown::no : Evidence::Shown::cannot_tell;
    evidence.details = {{"searched", searched}};
    return evidence;
  };
  std::string max_id;
  std::int64_t searched = 0;
  for (int page = 0; page < kMostPages; ++page) {
    LINNET_TRY(const auto list, own_posts(max_id, stop));
    // Posts bear the server's time, the order ours.
    const auto now = clock_.now();
    const auto since = order.first_tried_at + (list.server_time.value_or(now) - now) - kSkew;
    if (list.posts.empty()) return absent(searched);
    for (const auto& item : list.posts) {
      if (!item.is_object()) return Evidence{};
      const auto& status = item.as_object();
      max_id = text_in(status, "id");
      const auto made = parse_iso8601(text_in(status, "created_at"));
      if (!made) return Evidence{};
      if (*made < since) return list.server_time ? absent(searched) : Evidence{};
      ++searched;
      LINNET_TRY(const bool is_same, is_the_post(order, recipient, status, stop));
      if (!is_same) continue;
      evidence.shown = Evidence::Shown::yes;
      evidence.details = {{"searched", searched}};
      evidence.platform_id = max_id;
      evidence.url = text_in(status, "url");
      return evidence;
    }
  }
  return Evidence{};  // too many to be sure
}

Result<ActingMastodon::OwnPosts> ActingMastodon::own_posts(const std::string& max_id,
                                                           const std::stop_token& stop) {
  auto path = fmt::format("/api/v1/accounts/{}/statuses?limit=40&exclude_reblogs=true",
                          net::percent_encode(user_id_));
  if (!max_id.empty()) path += "&max_id=" + net::percent_encode(max_id);
  LINNET_TRY(const auto response, call({"GET", path, nullptr, "", "", ""}, stop));
  if (response.status < 200 || response.status > 299) return api_error(response, options_.base_url, true);
  boost::system::error_code code;
  auto list = json::parse(response.body, code);
  if (code || !list.is_array()) return unavailable(fmt::format("{} sent no posts", options_.base_url));
  const auto date = response.headers.find("Date");
  return OwnPosts{std::move(list.as_array()), date ? net::parse_http_date(*date) : std::nullopt};
}

}  // namespace linnet::connect::mastodon
