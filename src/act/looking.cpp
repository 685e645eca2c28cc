// Looks at the platform: whether what was sent took effect, and whether what succeeded is there.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "act/carry_out.hpp"
#include "act/records.hpp"

namespace linnet::act {
namespace {

namespace json = boost::json;
using connect::Evidence;
using govern::AuditEvent;
using govern::AuditOutcome;
using model::ActionStatus;
using Shown = Evidence::Shown;

std::int64_t milliseconds_since(Instant begun, Instant now) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(now - begun).count();
}

// Whether the platform carries out an order once however often it comes, as far as a person believes it.
Result<bool> recognises_repeats(Lane& lane, const Loaded& loaded) {
  LINNET_TRY(auto reader, lane.database.reader());
  PlatformView platform;
  platform.capabilities = lane.connector->capabilities();
  LINNET_TRY(const auto taken, what_is_taken(*reader, loaded.account, platform));
  const auto& can = taken.capabilities ? *taken.capabilities : *platform.capabilities;
  return can.has_idempotency_key &&
         !(can.messages_have_no_key && loaded.attempt.type == model::ActionType::dm_send);
}

// How long it still takes until «it is not there» is believed. A request that was cut off or given up may go
// on being carried out: it counts from its end, and whoever sets the clock does not shorten it.
Duration not_believed_for(const Lane& lane, const Attempt& attempt, bool is_recognised, const Moment& at) {
  if (model::is_idempotent(attempt.type)) return {};
  const auto ended = attempt.last_ended_at.value_or(attempt.last_sent_at.value_or(at.wall));
  return lane.ends.left(attempt.id, is_recognised ? lane.options.on_its_way : lane.options.settle_time, ended,
                        at);
}

// Two of it, where one was wanted: a person is to know.
bool tell_of_copies(const Evidence& evidence, Attempt& attempt) {
  if (evidence.copies.empty()) return false;
  boost::system::error_code code;
  auto told = json::parse(attempt.result, code);
  if (code || !told.is_object()) told = json::object();
  told.as_object()["copies"] = json::array(evidence.copies.begin(), evidence.copies.end());
  attempt.result = json::serialize(told);
  auto error =
      error_json("twice", fmt::format("it is there {} times: look at {}, and delete what is too much",
                                      evidence.copies.size() + 1, evidence.copies.front()));
  const bool is_news = error != attempt.error;
  attempt.error = std::move(error);
  return is_news;
}

Status note_copies(store::Connection& connection, const Evidence& evidence, Attempt& attempt, Instant now) {
  if (!tell_of_copies(evidence, attempt)) return {};
  LINNET_CHECK(save_progress(connection, attempt));
  return note(connection, attempt, AuditEvent::error, AuditOutcome::failure, "linnet",
              {{"what", "it is on the platform more than once"}, {"copies", evidence.copies.size()}}, now);
}

Status find_it(store::Connection& connection, Attempt& attempt, const Loaded& loaded,
               const Evidence& evidence, Instant now) {
  LINNET_CHECK(change_status(connection, attempt.id, ActionStatus::unknown, ActionStatus::success));
  attempt.status = ActionStatus::success;
  succeed(attempt, evidence.platform_id, evidence.url, evidence.details, false, now);
  LINNET_CHECK(save_progress(connection, attempt));
  LINNET_CHECK(take_effect(connection, attempt, loaded.account.instance, now));
  LINNET_CHECK(tell_thread(connection, attempt, "", now));
  LINNET_CHECK(note(connection, attempt, AuditEvent::action_complete, AuditOutcome::success, "linnet",
                    {{"what", "found on the platform"}, {"platform_id", attempt.result_id}}, now));
  return note_copies(connection, evidence, attempt, now);
}

// It is looked for again; where only a person can tell, it says so.
Status look_later(store::Connection& connection, Lane& lane, Attempt& attempt, std::string_view why,
                  Duration not_believed, Instant now) {
  attempt.verify_at = now + backoff(lane.options, attempt.looks);
  if (not_believed > Duration(0)) attempt.verify_at = std::min(*attempt.verify_at, now + not_believed);
  const auto error = why.empty() ? attempt.error : error_json("unknown", why);
  const bool is_news = error != attempt.error;
  attempt.error = error;
  LINNET_CHECK(save_progress(connection, attempt));
  if (!is_news) return {};
  LINNET_CHECK(tell_thread(connection, attempt, why, now));
  return note(connection, attempt, AuditEvent::error, AuditOutcome::pending, "linnet",
              {{"what", "whether it took effect cannot be told; a person can"}}, now);
}

Status miss_it(store::Connection& connection, Lane& lane, Attempt& attempt, Instant begun, Instant now) {
  const bool is_last = attempt.tries >= lane.options.most_tries;
  const auto to = is_last ? ActionStatus::failed : ActionStatus::pending;
  LINNET_CHECK(change_status(connection, attempt.id, ActionStatus::unknown, to));
  attempt.verify_at.reset();
  attempt.hold = is_last ? "" : "time";
  attempt.due_at = now + backoff(lane.options, attempt.tries - 1);
  attempt.error = error_json("not_done", "it did not take effect on the platform");
  if (is_last) attempt.completed_at = now;
  LINNET_CHECK(save_progress(connection, attempt));
  LINNET_CHECK(tell_thread(connection, attempt, "", now));
  return note(connection, attempt, is_last ? AuditEvent::action_complete : AuditEvent::error,
              is_last ? AuditOutcome::failure : AuditOutcome::pending, "linnet",
              {{"what", "not found on the platform"}, {"duration_ms", milliseconds_since(begun, now)}}, now);
}

// Where it is, of one that a person said had happened.
void learn_place(const Evidence& evidence, Attempt& attempt) {
  if (!attempt.result_id.empty() || evidence.shown != Shown::yes || !model::has_text(attempt.type)) return;
  auto details = evidence.details;
  details["url"] = evidence.url;
  details["platformId"] = evidence.platform_id;
  attempt.result = json::serialize(details);
  attempt.result_id = evidence.platform_id;
}

}  // namespace

Status look_up(Lane& lane, const AttemptId& id, const std::stop_token& stop) {
  LINNET_TRY(const auto loaded, load(lane, id));
  if (loaded.attempt.status != ActionStatus::unknown) return {};
  const Moment begun{lane.clock.now(), RequestEnds::Steady::now()};
  const auto looked = lane.connector->look(loaded.order, loaded.attempt.result_id, stop);
  if (stop.stop_requested()) return {};
  LINNET_TRY(const bool is_recognised, recognises_repeats(lane, loaded));
  bool is_settled = false;
  LINNET_CHECK(lane.writer.write([&](store::Connection& connection) -> Status {
    const auto now = lane.clock.now();
    // A person may have settled or erased it while the platform was asked.
    LINNET_TRY(auto attempt, find_attempt(connection, id.value()));
    if (attempt.status != ActionStatus::unknown || attempt.target_id != loaded.attempt.target_id) return {};
    ++attempt.looks;
    const auto shown = looked ? looked->shown : Shown::cannot_tell;
    // When it was looked at counts, not when that is written down.
    const auto not_believed = not_believed_for(lane, attempt, is_recognised, begun);
    if (shown == Shown::cannot_tell || (shown == Shown::no && not_believed > Duration(0)))
      return look_later(connection, lane, attempt, looked ? looked->why : std::string(), not_believed, now);
    is_settled = true;
    if (shown == Shown::yes) return find_it(connection, attempt, loaded, *looked, now);
    return miss_it(connection, lane, attempt, begun.wall, now);
  }));
  if (is_settled) lane.ends.forget(id);
  return {};
}

Status verify(Lane& lane, const AttemptId& id, const std::stop_token& stop) {
  LINNET_TRY(const auto loaded, load(lane, id));
  if (loaded.attempt.status != ActionStatus::success || !loaded.attempt.verify_at) return {};
  const auto begun = lane.clock.now();
  const auto looked = lane.connector->look(loaded.order, loaded.attempt.result_id, stop);
  if (stop.stop_requested()) return {};
  return lane.writer.write([&](store::Connection& connection) -> Status {
    const auto now = lane.clock.now();
    LINNET_TRY(auto attempt, find_attempt(connection, id.value()));
    if (attempt.status != ActionStatus::success || attempt.target_id != loaded.attempt.target_id) return {};
    ++attempt.looks;
    const bool is_first = attempt.looks == 1;
    const bool is_placeless = attempt.result_id.empty() && model::has_text(attempt.type);
    attempt.verify_at = is_first ? std::optional(now + lane.options.second_look_after) : std::nullopt;
    // What cannot be told now is asked again, a few times; then it stays shown as not verified.
    const bool cannot_tell = !looked || looked->shown == Shown::cannot_tell;
    if (cannot_tell && attempt.looks < 4) attempt.verify_at = now + backoff(lane.options, attempt.looks);
    if (looked) learn_place(*looked, attempt);
    LINNET_CHECK(save_progress(connection, attempt));
    if (looked) LINNET_CHECK(note_copies(connection, *looked, attempt, now));
    // A person said that it is there: that it was not found says nothing against it.
    if (is_placeless && (!looked || looked->shown != Shown::yes)) return {};
    // A first look may come before every server of the platform knows.
    // A text that differs may have been edited since: of texts only a person says that they are gone.
    const bool is_gone =
        looked && looked->shown == Shown::no && !is_first && model::is_idempotent(attempt.type);
    if (is_gone) LINNET_CHECK(lose_effect(connection, attempt, loaded.account.instance, now));
    Verification found;
    found.attempt = attempt.id;
    found.is_verified = looked && looked->shown == Shown::yes;
    found.confidence = looked ? looked->confidence : 0;
    found.method = looked ? looked->method : model::VerificationMethod::api_response;
    if (looked) found.details = looked->details;
    if (looked && !looked->why.empty()) found.details["why"] = looked->why;
    if (!looked) found.details["error"] = looked.error().safe;
    if (!is_first) found.details["look"] = attempt.looks;
    found.verified_at = now;
    found.duration_ms = milliseconds_since(begun, now);
    const auto outcome = found.is_verified ? AuditOutcome::success
                                           : (cannot_tell ? AuditOutcome::pending : AuditOutcome::failure);
    const json::object details{{"method", model::to_string(found.method)}, {"confidence", found.confidence}};
    LINNET_CHECK(add_verification(connection, std::move(found)));
    return note(connection, attempt, AuditEvent::verification, outcome, "linnet", details, now);
  });
}

}  // namespace linnet::act
