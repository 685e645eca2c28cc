// Whether the account likes, reposts or follows already, and by which record. The app view knows it of any
// account, however much it has done; it lags behind the account's own server, which knows the newest records.
#include <fmt/format.h>

#include <set>

#include "connect/bluesky/acting_bluesky.hpp"

namespace linnet::connect::bluesky {
namespace {

namespace json = boost::json;

constexpr int kNewestPages = 2;  // of 100 records: more than the app view lags behind
constexpr int kMostPages = 500;  // where there is no app view

std::optional<AtUri> record_about(const json::array& records, std::string_view subject) {
  for (const auto& record : records) {
    const auto* const entry = record.if_object();
    const auto* const value = entry == nullptr ? nullptr : object_in(*entry, "value");
    if (value == nullptr) continue;
    const auto* const about = object_in(*value, "subject");
    const auto named = about == nullptr ? text_in(*value, "subject") : text_in(*about, "uri");
    if (named == subject) return parse_at_uri(text_in(*entry, "uri"));
  }
  return {};
}

}  // namespace

Result<ActingBluesky::Viewed> ActingBluesky::reaction_in_view(const std::string& collection,
                                                              const std::string& subject,
                                                              const std::stop_token& stop) {
  const bool is_follow = collection == "app.bsky.graph.follow";
  const auto post = parse_at_uri(subject);
  if (!is_follow && !post) return Viewed{};
  const auto view = is_follow ? ask_view("app.bsky.actor.getProfile", {{"actor", subject}}, stop)
                              : view_of_post(*post, stop);
  // Without it there are still the records.
  if (!view && view.error().kind == ErrorKind::unavailable) return Viewed{};
  if (!view) return view.error();
  const auto* const viewer = *view ? object_in(**view, "viewer") : nullptr;
  if (viewer == nullptr) return Viewed{};
  const bool is_like = collection == "app.bsky.feed.like";
  auto uri = parse_at_uri(text_in(*viewer, is_follow ? "following" : is_like ? "like" : "repost"));
  if (uri && uri->repo != session_.did()) uri.reset();
  return Viewed{true, std::move(uri)};
}

Result<std::optional<AtUri>> ActingBluesky::find_reaction(const std::string& collection,
                                                          const std::string& subject,
                                                          const std::stop_token& stop) {
  LINNET_TRY(auto viewed, reaction_in_view(collection, subject, stop));
  if (viewed.uri) {
    const auto record = get_record(*viewed.uri, stop);
    if (record) return std::move(viewed.uri);
    if (record.error().kind != ErrorKind::not_found) return record.error();
  }
  std::string cursor;
  std::set<std::string> seen;  // the first record of each page
  const int pages = viewed.is_known ? kNewestPages : kMostPages;
  for (int page = 0; page < pages; ++page) {
    Session::Call call;
    call.name = "com.atproto.repo.listRecords";
    call.parameters = {{"repo", session_.did()}, {"collection", collection}, {"limit", "100"}};
    if (!cursor.empty()) call.parameters.emplace_back("cursor", cursor);
    LINNET_TRY(const auto response, session_.call(call, stop));
    if (response.status != 200) return xrpc_error(response, service_);
    boost::system::error_code code;
    const auto body = json::parse(response.body, code);
    const auto* const object = code ? nullptr : body.if_object();
    const auto* const records = object == nullptr ? nullptr : object->if_contains("records");
    if (records == nullptr || !records->is_array())
      return unavailable(fmt::format("{} sent no records", service_));
    if (auto found = record_about(records->as_array(), subject)) return found;
    cursor = text_in(*object, "cursor");
    if (cursor.empty()) return std::optional<AtUri>();
    const auto& page_records = records->as_array();
    const auto* const first = page_records.empty() ? nullptr : page_records.front().if_object();
    if (!seen.insert(first == nullptr ? std::string() : text_in(*first, "uri")).second) break;
  }
  if (viewed.is_known) return std::optional<AtUri>();
  return unavailable(fmt::format("{}: there are too many records to find one among them", service_));
}

}  // namespace linnet::connect::bluesky
