#include "act/gate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <thread>

#include "act/records.hpp"
#include "act/settle_names.hpp"
#include "act/text_hasher.hpp"
#include "base/hash.hpp"
#include "base/instant_words.hpp"
#include "base/json_members.hpp"
#include "govern/emergency_stop.hpp"
#include "store/sealing_key.hpp"

namespace linnet::act {
namespace {

namespace json = boost::json;
using govern::AuditEvent;
using govern::AuditOutcome;
using model::ActionStatus;
using model::ActionType;

// What each kind of action can be done to; an id of one kind must not pass for one of another.
Status check_target(const NewAction& action) {
  using enum model::ActionType;
  using model::TargetType;
  const auto expect = [&](std::initializer_list<TargetType> allowed) -> Status {
    if (std::find(allowed.begin(), allowed.end(), action.target_type) != allowed.end()) return {};
    std::string names;
    for (const auto type : allowed)
      names += (names.empty() ? "" : " or ") + std::string(model::to_string(type));
    return invalid(fmt::format("target_type: {} is done to a {}, got a {}", model::to_string(action.type),
                               names, model::to_string(action.target_type)));
  };
  switch (action.type) {
    case publish:
      return {};
    case follow:
    case unfollow:
      return expect({TargetType::user});
    case dm_send:
      return expect({TargetType::user, TargetType::dm_thread});
    case dm_read:
      return expect({TargetType::dm_thread});
    case extract_stats:
      return expect({TargetType::post, TargetType::user, TargetType::account});
    default:
      return expect({TargetType::post});
  }
}

Status check_new_action(const NewAction& action) {
  LINNET_CHECK(check_target(action));
  if (action.type != ActionType::publish && action.target_id.empty())
    return invalid("target_id: expected the platform's id of the post, person or conversation, got nothing");
  if (model::has_text(action.type) && action.drafts.empty()) return invalid("text: expected some, got none");
  if (action.drafts.size() > 1 && action.type != ActionType::publish && action.type != ActionType::reply)
    return invalid("thread: only posts and replies can be threads");
  if (action.drafts.size() > 50) return invalid("thread: at most 50 posts");
  if (action.request_key.size() > 200) return invalid("request_key: at most 200 characters");
  if (action.due_at && action.expires_at && *action.expires_at <= *action.due_at)
    return invalid("expires_at: expected a moment after due_at");
  return {};
}

Status check_times(const NewAction& action, Instant now) {
  if (action.due_at) LINNET_CHECK(refuse_past(*action.due_at, now));
  if (action.expires_at && *action.expires_at <= now)
    return invalid(
        fmt::format("expires_at: expected a moment to come, got {}", in_words(*action.expires_at)));
  return {};
}

// What a request asks for, so that a key used twice for different things is noticed.
std::string hash_of(const NewAction& action) {
  Sha256 hash;
  const auto add = [&](std::string_view text) { hash.update(fmt::format("{}:{}", text.size(), text)); };
  add(model::to_string(action.type));
  add(action.account.value());
  add(model::to_string(action.target_type));
  add(action.target_id);
  for (const auto& draft : action.drafts) {
    add(draft.text);
    add(draft.spoiler_text);
    add(draft.visibility);
    add(draft.language);
    add(draft.quote_policy);
    if (!draft.channel.empty()) add(draft.channel);
    add(draft.sensitive ? "sensitive" : "");
    add(draft.scheduled_at ? to_iso8601(*draft.scheduled_at) : "");
    add(draft.quoted_id.value_or(""));
    add(draft.link.value_or(""));
    add(draft.poll ? fmt::format("{}|{}|{}", fmt::join(draft.poll->options, "|"),
                                 draft.poll->open_for.count(), draft.poll->multiple)
                   : "");
    for (const auto& file : draft.media) {
      add(sha256_hex(file.bytes));
      add(file.name);
      add(file.media_type);
      add(file.alt_text);
    }
  }
  add(action.due_at ? to_iso8601(*action.due_at) : "");
  add(action.expires_at ? to_iso8601(*action.expires_at) : "");
  return hash.finish_hex();
}

// How a decision shows in the attempt.
void apply(const Verdict& decision, Attempt& attempt) {
  switch (decision.decision) {
    case Decision::deny:
      attempt.status = ActionStatus::skipped;
      attempt.completed_at = attempt.attempted_at;
      attempt.error = error_json(decision.rule, decision.reason);
      return;
    case Decision::hold:
      attempt.hold = "approval";
      return;
    case Decision::defer:
      attempt.hold = "time";
      attempt.due_at = std::max(attempt.due_at, decision.until.value_or(attempt.due_at));
      attempt.error = error_json(decision.rule, decision.reason);
      return;
    case Decision::allow:
      attempt.hold = attempt.due_at > attempt.attempted_at ? "time" : "";
      return;
  }
}

// What the table would refuse, as a verdict: a dry run writes nothing and still tells.
Status note_duplicates(store::Connection& connection, Requested& requested) {
  for (const auto& attempt : requested.attempts) {
    if (attempt.status == ActionStatus::skipped) continue;
    const auto refused = refuse_duplicate(connection, attempt);
    if (refused) continue;
    if (refused.error().kind != ErrorKind::conflict) return refused.error();
    requested.verdicts.push_back({"duplicate", Decision::deny, refused.error().safe, {}});
    requested.decision = act::decide(requested.verdicts);
    return {};
  }
  return {};
}

// What came of the same request before, as far as it has come.
Status repeat_answer(store::Connection& connection, Requested& requested) {
  requested.is_repeat = true;
  const auto& first = requested.attempts.front();
  LINNET_TRY(const auto approval, open_approval_of(connection, first.id));
  if (approval) {
    requested.approval_id = approval->id;
    requested.decision = {"approval", Decision::hold, approval->reason, {}};
  } else if (first.status == ActionStatus::skipped) {
    requested.decision = {"", Decision::deny, text_in(parse_object(first.error), "message"), {}};
  } else if (first.status == ActionStatus::pending && first.hold == "time") {
    requested.decision = {"", Decision::defer, "it waits for its time", first.due_at};
  }
  return {};
}

// A thread goes out whole or not at all: a post of it that is not allowed keeps back the first as well.
void deny_thread(Requested& requested, const Verdict& of_part, std::int64_t step) {
  auto& first = requested.attempts.front();
  if (first.status == ActionStatus::skipped) return;
  auto verdict = of_part;
  verdict.reason = fmt::format("post {} of the thread: {}", step, of_part.reason);
  apply(verdict, first);
  first.hold.clear();
  requested.verdicts.push_back(verdict);
  requested.decision = std::move(verdict);
}

// The posts after the first share its fate.
void follow_first(Requested& requested) {
  if (requested.attempts.front().status != ActionStatus::skipped) return;
  for (auto attempt = std::next(requested.attempts.begin()); attempt != requested.attempts.end(); ++attempt) {
    if (attempt->status == ActionStatus::skipped) continue;
    attempt->status = ActionStatus::skipped;
    attempt->hold.clear();
    attempt->completed_at = attempt->attempted_at;
    attempt->error = error_json("thread", "another post of the thread was not allowed");
  }
}

}  // namespace

Status refuse_past(Instant due_at, Instant now) {
  constexpr auto kLateness = std::chrono::minutes(2);
  if (due_at >= now - kLateness) return {};
  return invalid(
      fmt::format("due_at: {} has passed; give a moment to come, or none to act at once", in_words(due_at)));
}

Gate::Gate(store::Database& database, store::Writer& writer, Clock& clock, const SecretBox& box,
           BlockCheck check, std::function<void()> notify)
    : database_(database),
      writer_(writer),
      clock_(clock),
      box_(box),
      check_(std::move(check)),
      notify_(std::move(notify)) {}

Result<Attempt> Gate::make_attempt(const NewAction& action, const ActingAccount& account,
                                   const Requester& who, std::size_t step, const Attempt* before) {
  const auto now = clock_.now();
  Attempt attempt;
  LINNET_TRY(auto id, make_uuid_v4());
  attempt.id = AttemptId(std::move(id));
  attempt.run_id = action.run_id;
  attempt.step = static_cast<std::int64_t>(step) + 1;
  attempt.platform = account.view.platform;
  attempt.type = before == nullptr ? action.type : ActionType::reply;
  attempt.account = account.id;
  attempt.target_type = action.target_type;
  attempt.target_id = action.target_id;
  if (action.type == ActionType::publish) {
    attempt.target_type = before == nullptr ? model::TargetType::account : model::TargetType::post;
    attempt.target_id = account.platform_user_id;
  }
  if (before != nullptr) {
    attempt.depends_on = before->id.value();
    attempt.target_id = "after " + before->id.value();  // until the one before is made
    attempt.target_user_id = account.platform_user_id;
  } else {
    attempt.target_name = action.target_name;
    attempt.target_user_id =
        action.target_type == model::TargetType::user ? action.target_id : action.target_user_id;
  }
  if (step < action.drafts.size()) {
    const auto& draft = action.drafts[step];
    LINNET_TRY(attempt.input, draft_to_input(draft, attempt.type, attempt.id, box_));
    attempt.text_hash = text_hash_of(draft.text);
  }
  attempt.attempted_at = now;
  attempt.planned_at = std::max(action.due_at.value_or(now), now);
  attempt.due_at = attempt.planned_at;
  attempt.expires_at = action.expires_at;
  attempt.by_hand = action.by_hand;
  attempt.requested_by = who.name;
  attempt.request_key = action.request_key;
  attempt.request_hash = action.request_hash;
  return attempt;
}

Result<Requested> Gate::judge_request(store::Connection& connection, const NewAction& action,
                                      const ActingAccount& account, const Requester& who) {
  Requested requested;
  LINNET_TRY(const auto hasher, TextHasher::read(connection, box_));
  const std::size_t steps = std::max<std::size_t>(1, action.drafts.size());
  for (std::size_t step = 0; step < steps; ++step) {
    const auto* const before = step == 0 ? nullptr : &requested.attempts.back();
    LINNET_TRY(auto attempt, make_attempt(action, account, who, step, before));
    hasher.apply(attempt);
    LINNET_TRY(const auto target, known_target(connection, account, attempt));
    if (attempt.target_user_id.empty()) attempt.target_user_id = target.author_id;
    if (attempt.target_name.empty()) attempt.target_name = target.author_name;
    LINNET_TRY(auto situation, gather(connection, account, attempt, {}, check_, clock_.now()));
    const bool is_first_message = attempt.type == ActionType::dm_send && !situation.has_messages;
    if (action.approve && who.may_approve && !is_first_message) {
      attempt.approved_by = who.name;
      situation.is_approved = situation.is_approved_unseen = true;
    }
    connect::Draft draft;
    if (step < action.drafts.size()) draft = action.drafts[step];
    auto judged = action_of(attempt, std::move(draft));
    // The rules are asked for the moment at which it is to be done; what only that moment can tell is asked
    // then.
    const auto verdicts = judge(judged, situation);
    auto decision = act::decide(verdicts);
    if (decision.decision == Decision::defer && attempt.planned_at > clock_.now())
      decision.decision = Decision::allow;
    apply(decision, attempt);
    if (attempt.hold == "approval") attempt.approved_by.clear();  // that word was not about this
    if (step == 0) {
      requested.verdicts = verdicts;
      requested.decision = decision;
    } else if (decision.decision == Decision::deny) {
      deny_thread(requested, decision, attempt.step);
    }
    requested.verdicts_of_each.push_back(verdicts);
    requested.attempts.push_back(std::move(attempt));
    requested.decisions.push_back(std::move(decision));
  }
  follow_first(requested);
  return requested;
}

Status Gate::write_request(store::Connection& connection, const NewAction& action,
                           const ActingAccount& account, const Requester& who, Requested& requested) {
  const auto now = clock_.now();
  if (!model::only_reads(action.type)) {
    // Warm-up counts from the first thing that was wanted: what it puts off would else never begin.
    LINNET_CHECK(store::run(connection,
                            "UPDATE accounts SET acts_since = COALESCE(acts_since, $2) WHERE id = $1",
                            {std::string_view(action.account.value()), to_micros(now)}));
  }
  for (std::size_t step = 0; step < requested.attempts.size(); ++step) {
    const auto& attempt = requested.attempts[step];
    static const std::vector<connect::MediaFile> kNone;
    const auto& media = step < action.drafts.size() ? action.drafts[step].media : kNone;
    LINNET_CHECK(insert_attempt(connection, attempt, media));
    json::object details{{"by_hand", attempt.by_hand}, {"due_at", to_iso8601(attempt.due_at)}};
    if (attempt.status == ActionStatus::skipped) {
      details["error"] = json::parse(attempt.error);
      LINNET_CHECK(note(connection, attempt, AuditEvent::policy_block, AuditOutcome::skipped, who.name,
                        std::move(details), now));
      continue;
    }
    if (!attempt.hold.empty()) details["waits_for"] = attempt.hold;
    LINNET_CHECK(note(connection, attempt, AuditEvent::action_attempt, AuditOutcome::pending, who.name,
                      std::move(details), now));
    // Of each post of a thread what was said of it.
    const auto& decision = requested.decisions[step];
    if (decision.decision == Decision::hold || decision.decision == Decision::defer) {
      const auto event =
          decision.rule == "rate_limit" ? AuditEvent::rate_limit_hit : AuditEvent::policy_block;
      LINNET_CHECK(note(connection, attempt, event, AuditOutcome::pending, "linnet", to_json(decision), now));
    }
    if (attempt.hold != "approval") continue;
    Approval approval;
    LINNET_TRY(approval.id, make_uuid_v4());
    approval.attempt = attempt.id;
    approval.reason = decision.reason;
    LINNET_TRY(const auto target, known_target(connection, account, attempt));
    LINNET_TRY(const auto context,
               approval_context(connection, account, attempt, target, requested.verdicts_of_each[step]));
    approval.context = json::serialize(context);
    approval.created_at = now;
    approval.expires_at = now + std::chrono::hours(account.view.settings.approval_hours);
    if (attempt.expires_at) approval.expires_at = std::min(approval.expires_at, *attempt.expires_at);
    LINNET_CHECK(insert_approval(connection, approval));
    if (requested.approval_id.empty()) requested.approval_id = approval.id;
  }
  return {};
}

Result<Requested> Gate::request(const NewAction& given, const Requester& who, bool dry_run) {
  LINNET_CHECK(check_new_action(given));
  auto action = given;
  if (action.run_id.empty()) {
    LINNET_TRY(action.run_id, govern::make_run_id(clock_.now()));
  }
  // All the files go into it: once, and while nobody waits for the writer.
  action.request_hash = action.request_key.empty() ? "" : hash_of(action);
  if (dry_run) {
    LINNET_CHECK(check_times(action, clock_.now()));
    LINNET_TRY(auto reader, database_.reader());
    LINNET_TRY(const auto account, load_acting_account(*reader, action.account));
    LINNET_CHECK(check_ids(action, account.view.platform));
    LINNET_TRY(auto requested, judge_request(*reader, action, account, who));
    LINNET_CHECK(note_duplicates(*reader, requested));
    return requested;
  }
  Requested requested;
  const auto write = [&] {
    return writer_.write(
        [&](store::Connection& connection) { return request_within(connection, action, who, requested); });
  };
  auto written = write();
  const bool is_done = !written && written.error().kind == ErrorKind::conflict && !requested.attempts.empty();
  if (is_done && model::is_idempotent(action.type)) {
    LINNET_TRY(const bool is_undone, is_undone_elsewhere(requested.attempts.front()));
    if (is_undone) written = write();
  }
  LINNET_CHECK(std::move(written));
  if (notify_) notify_();
  return requested;
}

Status Gate::request_within(store::Connection& connection, const NewAction& action, const Requester& who,
                            Requested& requested) {
  requested = {};
  LINNET_CHECK(store::refuse_old_key(connection, box_));
  LINNET_TRY(const auto hasher, TextHasher::open(connection, box_));
  if (!action.request_key.empty()) {
    LINNET_TRY(requested.attempts, attempts_of_request(connection, action.request_key));
    if (!requested.attempts.empty()) {
      if (requested.attempts.front().request_hash != hasher.keyed(action.request_hash))
        return Error::of(ErrorKind::conflict, "request_key: it was used for another request");
      return repeat_answer(connection, requested);
    }
  }
  LINNET_CHECK(check_times(action, clock_.now()));
  LINNET_TRY(const auto account, load_acting_account(connection, action.account));
  LINNET_CHECK(check_ids(action, account.view.platform));
  LINNET_TRY(requested, judge_request(connection, action, account, who));
  return write_request(connection, action, account, who, requested);
}

Result<bool> Gate::is_undone_elsewhere(const Attempt& wanted) {
  constexpr int kMostWaits = 60;
  const auto guard = guards_of(wanted).done;
  std::optional<Attempt> done;
  LINNET_CHECK(writer_.write([&](store::Connection& connection) -> Status {
    LINNET_TRY(const auto id, store::query_text(connection,
                                                R"(SELECT id FROM action_attempts
                                                   WHERE guard_done = $1 AND status = 'success'
                                                     AND superseded_at IS NULL)",
                                                {std::string_view(guard)}));
    if (!id) return {};
    LINNET_TRY(done, find_attempt(connection, *id));
    return store::run(connection, "UPDATE action_attempts SET verify_at = $2 WHERE id = $1",
                      {std::string_view(*id), to_micros(clock_.now())});
  }));
  if (!done) return false;
  if (notify_) notify_();
  for (int waits = 0; waits < kMostWaits; ++waits) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    LINNET_TRY(auto reader, database_.reader());
    LINNET_TRY(const auto now, find_attempt(*reader, done->id.value()));
    if (now.superseded_at || now.looks != done->looks) return now.superseded_at.has_value();
  }
  return false;
}

Result<connect::Draft> Gate::draft_of(const Attempt& attempt) const {
  return input_to_draft(attempt.input, attempt.id, box_);
}

}  // namespace linnet::act
