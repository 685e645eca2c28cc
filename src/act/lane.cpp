#include "act/lane.hpp"

#include <algorithm>
#include <boost/json.hpp>

namespace linnet::act {
namespace {

namespace json = boost::json;

// Posts bear the server's time, which may differ from ours.
constexpr auto kSkew = std::chrono::minutes(10);

// What other attempts made since shortly before this one was sent.
Result<std::set<std::string>> made_by_others(store::Connection& connection, const Attempt& attempt) {
  std::set<std::string> ids;
  const auto since = attempt.sent_at.value_or(attempt.attempted_at) - kSkew;
  LINNET_CHECK(store::for_each_row(
      connection,
      R"(SELECT result_id FROM action_attempts
         WHERE account_id = $1 AND last_sent_at > $2 AND id <> $3 AND result_id IS NOT NULL
           AND action_type IN ('publish', 'comment', 'reply', 'dm_send'))",
      {std::string_view(attempt.account.value()), to_micros(since), std::string_view(attempt.id.value())},
      [&](const store::Statement& row) { ids.emplace(row.text(0)); }));
  return ids;
}

json::object told_by(const Attempt& attempt) {
  boost::system::error_code code;
  auto value = json::parse(attempt.result, code);
  return !code && value.is_object() ? std::move(value.as_object()) : json::object();
}

}  // namespace

connect::Order order_of(const Attempt& attempt, const ActingAccount& account, connect::Draft draft) {
  connect::Order order;
  order.type = attempt.type;
  order.idempotency_key = attempt.id.value();
  order.target_type = attempt.target_type;
  order.target_id = attempt.type == model::ActionType::publish ? account.platform_user_id : attempt.target_id;
  order.target_name = attempt.target_name;
  order.draft = std::move(draft);
  order.first_tried_at = attempt.sent_at.value_or(attempt.attempted_at);
  order.is_repeat = attempt.tries > 1;
  order.told = told_by(attempt);
  return order;
}

Result<Loaded> load(Lane& lane, const AttemptId& id) {
  LINNET_TRY(auto reader, lane.database.reader());
  Loaded loaded;
  LINNET_TRY(loaded.attempt, find_attempt(*reader, id.value()));
  LINNET_TRY(loaded.account, load_acting_account(*reader, loaded.attempt.account));
  LINNET_TRY(auto draft, input_to_draft(loaded.attempt.input, id, lane.box));
  LINNET_TRY(draft.media, load_media(*reader, id.value(), lane.clock.now()));
  loaded.order = order_of(loaded.attempt, loaded.account, std::move(draft));
  if (model::has_text(loaded.attempt.type)) {
    LINNET_TRY(loaded.order.of_others, made_by_others(*reader, loaded.attempt));
  }
  return loaded;
}

Duration backoff(const DispatcherOptions& options, std::int64_t times) {
  return options.first_backoff * (std::int64_t{1} << std::clamp<std::int64_t>(times, 0, 8));
}

void succeed(Attempt& attempt, std::string platform_id, const std::string& url, json::object details,
             bool was_done_already, Instant now) {
  details["url"] = url;
  details["platformId"] = platform_id;
  details["alreadyDone"] = was_done_already;
  attempt.result = json::serialize(details);
  attempt.result_id = std::move(platform_id);
  attempt.error.clear();
  attempt.completed_at = now;
  attempt.looks = 0;
  attempt.verify_at = now;  // read back at once
  if (model::only_reads(attempt.type)) attempt.verify_at.reset();
}

}  // namespace linnet::act
