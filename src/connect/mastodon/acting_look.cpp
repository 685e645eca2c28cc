// Whether what was written is there, by its id or among the account's own posts.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "connect/mastodon/acting_mastodon.hpp"
#include "connect/mastodon/likeness.hpp"
#include "net/rate_limit.hpp"
#include "net/url.hpp"

namespace linnet::connect::mastodon {
namespace {

namespace json = boost::json;
using model::ActionType;
using Shown = Evidence::Shown;

// Servers forget Idempotency-Keys after an hour: what is sent again later than that, because it was not
// found, may be there twice.
constexpr auto kMaySayNo = std::chrono::minutes(55);
constexpr int kMostPages = 25;

std::string place_of(const json::object& status) {
  auto url = text_or_number_in(status, "url");
  return url.empty() ? text_or_number_in(status, "id") : url;
}

json::array to_array(const std::vector<std::string>& words) {
  return json::array(words.begin(), words.end());
}

// Of a status that is the order's own, what it is like.
void describe(const Order& order, const json::object& status, Evidence& evidence) {
  evidence.platform_id = text_or_number_in(status, "id");
  evidence.url = text_or_number_in(status, "url");
  const auto missing = missing_of(order, status);
  if (missing.empty()) return;
  evidence.details["missing"] = to_array(missing);
  evidence.why =
      fmt::format("it is there, but not with all that was asked for: {}", fmt::join(missing, ", "));
}

// Whether a filter of the account's may keep a post with this text from its own list.
bool may_hide(const json::value& filters, const Order& order) {
  const auto text = comparable(order.draft.text + "\n" + order.draft.spoiler_text);
  const auto fits = [&](const json::object& holder, std::string_view name) {
    const auto keyword = comparable(trim(text_or_number_in(holder, name)));
    return !keyword.empty() && text.find(keyword) != std::string::npos;
  };
  if (!filters.is_array()) return false;
  for (const auto& item : filters.as_array()) {
    const auto* const filter = item.if_object();
    if (filter == nullptr) continue;
    if (acting::flag_in(*filter, "irreversible") && fits(*filter, "phrase")) return true;
    if (text_or_number_in(*filter, "filter_action") != "hide") continue;
    const auto* const keywords = filter->if_contains("keywords");
    if (keywords == nullptr || !keywords->is_array()) continue;
    for (const auto& keyword : keywords->as_array()) {
      if (keyword.is_object() && fits(keyword.as_object(), "keyword")) return true;
    }
  }
  return false;
}

}  // namespace

// The text as the author wrote it is in `source`: it is asked for where what is shown does not tell.
Result<Same> ActingMastodon::is_the_post(const Order& order, const std::string& recipient,
                                         const json::object& status, const std::stop_token& stop) {
  const auto same = same_post(order, recipient, status, {});
  if (same != Same::perhaps) return same;
  auto source =
      read("/api/v1/statuses/" + net::percent_encode(text_or_number_in(status, "id")) + "/source", stop);
  if (!source && source.error().kind == ErrorKind::not_found) return same;
  if (!source) return source.error();
  return same_post(order, recipient, status,
                   source->is_object() ? text_or_number_in(source->as_object(), "text") : std::string());
}

Result<Evidence> ActingMastodon::look_for_post(const Order& order, const std::string& platform_id,
                                               const std::stop_token& stop) {
  const bool deletes = order.type == ActionType::delete_post || order.type == ActionType::delete_comment;
  const bool edits = order.type == ActionType::edit_post;
  if (order.type == ActionType::dm_read) return look_at_conversation(order, stop);
  if (order.draft.scheduled_at && !edits) return look_for_scheduled(order, platform_id, stop);
  const bool counts = order.type == ActionType::extract_stats;
  const auto& id = deletes || edits || counts ? order.target_id : platform_id;
  if (id.empty()) return search_own_posts(order, stop);
  const auto response =
      call({"GET", "/api/v1/statuses/" + net::percent_encode(id), nullptr, "", "", "", nullptr}, stop);
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
  const auto* const object = status.if_object();
  // A success that is none says nothing of the post.
  const bool is_status = object != nullptr && !object->contains("error") && !acting::id_in(*object).empty();
  if (!is_gone && !is_status) return Evidence{};
  Evidence evidence;
  evidence.method = model::VerificationMethod::api_response;
  evidence.confidence = 0.95;
  evidence.platform_id = id;
  evidence.details = {{"exists", !is_gone}};
  if (is_gone || deletes || counts) {
    evidence.shown = is_gone == deletes ? Shown::yes : Shown::no;
    return evidence;
  }
  LINNET_CHECK(compare_with(order, *object, evidence, stop));
  if (order.is_repeat && !edits) LINNET_CHECK(add_copies(order, id, evidence, stop));
  return evidence;
}

// What stands under an id, beside what was wanted.
Status ActingMastodon::compare_with(const Order& order, const json::object& status, Evidence& evidence,
                                    const std::stop_token& stop) {
  LINNET_TRY(const auto recipient, recipient_of(order, stop));
  LINNET_TRY(const auto same, is_the_post(order, recipient, status, stop));
  const auto id = evidence.platform_id;
  describe(order, status, evidence);
  evidence.platform_id = id;
  evidence.details["text_is_the_same"] = same == Same::yes;
  if (order.told.contains("visibility"))
    evidence.details["visibility"] = text_or_number_in(status, "visibility");
  evidence.shown = same == Same::yes && evidence.why.empty() ? Shown::yes : Shown::no;
  if (same != Same::yes) evidence.why = "what stands there has another text, or went elsewhere";
  if (evidence.shown == Shown::yes && has_pending_quote(order, status)) {
    evidence.shown = Shown::cannot_tell;
    evidence.why = "the quote waits for leave from the author of the post";
  }
  return {};
}

// Among what waits; once its time has come it is a post like any other, under another id.
Result<Evidence> ActingMastodon::look_for_scheduled(const Order& order, const std::string& platform_id,
                                                    const std::stop_token& stop) {
  LINNET_TRY(const auto list, read("/api/v1/scheduled_statuses?limit=40", stop));
  if (!list.is_array()) return Evidence{};
  for (const auto& item : list.as_array()) {
    if (!item.is_object()) return Evidence{};
    const auto& entry = item.as_object();
    const auto id = text_or_number_in(entry, "id");
    const auto* const made = object_in(entry, "params");
    const bool is_same = made != nullptr &&
                         same_text(order.draft.text, text_or_number_in(*made, "text")) == Same::yes &&
                         parse_iso8601(text_or_number_in(entry, "scheduled_at")) ==
                             std::chrono::floor<std::chrono::milliseconds>(*order.draft.scheduled_at);
    if (platform_id.empty() ? !is_same : id != platform_id) continue;
    return Evidence{Evidence::Shown::yes,
                    0.95,
                    model::VerificationMethod::api_response,
                    id,
                    "",
                    {{"scheduled", true}},
                    {},
                    {}};
  }
  LINNET_TRY(auto published, search_own_posts(order, stop));
  // A full page may go on.
  if (published.shown == Evidence::Shown::no && list.as_array().size() >= 40) return Evidence{};
  return published;
}

Result<OwnWalk> ActingMastodon::walk_own_posts(const Order& order, const OnPost& on_post,
                                               const std::stop_token& stop) {
  return walk_own_newest<json::object>(
      order.first_tried_at, kMostPages, clock_,
      [&](const std::string& max_id) { return own_posts(max_id, stop); },
      [&](const json::object& status) -> Result<bool> {
        if (!order.of_others.contains(text_or_number_in(status, "id"))) LINNET_CHECK(on_post(status));
        return true;
      });
}

Result<Evidence> ActingMastodon::search_own_posts(const Order& order, const std::stop_token& stop) {
  LINNET_TRY(const auto recipient, recipient_of(order, stop));
  // Words alone do not say whom they went to.
  if (order.type == ActionType::dm_send && recipient.empty()) return Evidence{};
  // Whether it recognises what is sent again is asked when nothing is found.
  if (!kind_) static_cast<void>(limits(stop));
  Evidence evidence;
  evidence.method = model::VerificationMethod::reload_verify;
  evidence.confidence = 0.9;
  std::string resembling;
  const OnPost on_post = [&](const json::object& status) -> Status {
    LINNET_TRY(const auto same, is_the_post(order, recipient, status, stop));
    if (same == Same::perhaps) resembling = place_of(status);
    if (same != Same::yes) return {};
    if (evidence.shown == Shown::yes) evidence.copies.push_back(place_of(status));
    if (evidence.shown != Shown::yes) describe(order, status, evidence);
    evidence.shown = Shown::yes;
    return {};
  };
  LINNET_TRY(const auto walk, walk_own_posts(order, on_post, stop));
  evidence.details["searched"] = walk.searched;
  if (evidence.shown == Shown::yes) return evidence;
  if (!resembling.empty()) {
    evidence.why = fmt::format(
        "{} resembles it, and may be it as the server changed it: look, and say whether it happened",
        resembling);
    return evidence;
  }
  if (!walk.is_whole) return Evidence{};
  const auto age = clock_.now() - order.first_tried_at;
  if (age >= kMaySayNo || age <= -kClockSkew) return evidence;
  LINNET_TRY(const bool is_hidden, is_hidden_by_filter(order, stop));
  if (is_hidden) {
    evidence.why =
        "a filter of the account hides posts with such words from their author as well: look, and say "
        "whether "
        "it happened";
    return evidence;
  }
  evidence.shown = Shown::no;
  return evidence;
}

// After it was sent more than once, what stands beside the one under this id.
Status ActingMastodon::add_copies(const Order& order, const std::string& id, Evidence& evidence,
                                  const std::stop_token& stop) {
  LINNET_TRY(const auto recipient, recipient_of(order, stop));
  const OnPost on_post = [&](const json::object& status) -> Status {
    if (text_or_number_in(status, "id") == id) return {};
    LINNET_TRY(const auto same, is_the_post(order, recipient, status, stop));
    if (same == Same::yes) evidence.copies.push_back(place_of(status));
    return {};
  };
  LINNET_TRY(const auto walk, walk_own_posts(order, on_post, stop));
  (void)walk;
  return {};
}

// Some servers leave what a filter hides out of the account's own list.
Result<bool> ActingMastodon::is_hidden_by_filter(const Order& order, const std::stop_token& stop) {
  for (const auto* const path : {"/api/v2/filters", "/api/v1/filters"}) {
    const auto filters = read(path, stop);
    if (filters && may_hide(*filters, order)) return true;
    if (filters) continue;
    const auto kind = filters.error().kind;
    if (kind == ErrorKind::unavailable || kind == ErrorKind::rate_limited || kind == ErrorKind::cancelled)
      return filters.error();
  }
  return false;
}

Result<OwnPage<json::object>> ActingMastodon::own_posts(const std::string& max_id,
                                                        const std::stop_token& stop) {
  auto path = fmt::format("/api/v1/accounts/{}/statuses?limit=40&exclude_reblogs=true",
                          net::percent_encode(user_id_));
  if (!max_id.empty()) path += "&max_id=" + net::percent_encode(max_id);
  LINNET_TRY(const auto response, call({"GET", path, nullptr, "", "", "", nullptr}, stop));
  if (response.status < 200 || response.status > 299) return api_error(response, options_.base_url, true);
  boost::system::error_code code;
  auto list = json::parse(response.body, code);
  if (code || !list.is_array()) return unavailable(fmt::format("{} sent no posts", options_.base_url));
  OwnPage<json::object> page;
  if (const auto date = response.headers.find("Date")) page.server_time = net::parse_http_date(*date);
  for (auto& item : list.as_array()) {
    page.is_whole = item.is_object();
    if (!page.is_whole) break;
    auto& status = item.as_object();
    page.next = text_or_number_in(status, "id");
    const auto made_at = parse_iso8601(text_or_number_in(status, "created_at"));
    page.made.push_back({page.next, made_at, std::move(status)});
  }
  return page;
}

}  // namespace linnet::connect::mastodon
