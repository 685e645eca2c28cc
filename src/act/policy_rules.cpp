#include "act/policy_rules.hpp"

#include <fmt/format.h>

#include "base/instant_words.hpp"
#include "govern/platforms.hpp"

namespace linnet::act::rules {
namespace {

using model::ActionType;

constexpr auto kAskAgain = std::chrono::minutes(5);
constexpr auto kLookAgain = std::chrono::seconds(10);
// A post that was held up for longer no longer has the moment that its author chose.
constexpr auto kOnTime = std::chrono::minutes(15);

Verdict deny(std::string reason) {
  return {"", Decision::deny, std::move(reason), {}};
}
Verdict hold(std::string reason) {
  return {"", Decision::hold, std::move(reason), {}};
}
Verdict defer(std::string reason, Instant until) {
  return {"", Decision::defer, std::move(reason), until};
}

bool may_only_read(const AccountView& account) {
  return account.scopes && account.scopes->find("write") == std::string::npos;
}

bool takes_back(const Action& action) {
  return kind_of(action) == Kind::undo || action.type == ActionType::unfollow;
}

}  // namespace

Opinion emergency_stop(const Action& /*action*/, const Situation& situation) {
  if (!situation.is_stopped) return {};
  return defer("everything is stopped; linnet resume lets it go on", situation.now + std::chrono::seconds(1));
}

Opinion platform(const Action& /*action*/, const Situation& situation) {
  if (situation.is_platform_on) return {};
  return deny(govern::platform_off_reason(situation.account.platform));
}

Opinion account_active(const Action& /*action*/, const Situation& situation) {
  if (!situation.account.is_active) return deny("the account is switched off");
  if (situation.account.credential_state == "signed_out")
    return defer("the account is signed out: sign in again", situation.now + kAskAgain);
  return {};
}

Opinion expiry(const Action& action, const Situation& situation) {
  if (!action.expires_at || *action.expires_at > situation.now) return {};
  return deny(fmt::format("it was not to be done after {}", in_words(*action.expires_at)));
}

Opinion capability(const Action& action, const Situation& situation) {
  if (may_only_read(situation.account) && !model::only_reads(action.type))
    return deny(
        fmt::format("the account was signed in to read only; linnet account add {} ADDRESS --act lets it act",
                    situation.account.platform));
  if (!situation.capabilities) return {};
  const auto& can = *situation.capabilities;
  const auto& platform = situation.account.platform;
  if (!can.actions.contains(action.type))
    return deny(fmt::format("{} offers no {} to programs", platform, model::to_string(action.type)));
  const auto& draft = action.draft;
  if (!draft.media.empty() && !can.media) return deny(fmt::format("media: {} takes none", platform));
  if (draft.poll && !can.polls) return deny(fmt::format("poll: {} has none", platform));
  if (!draft.spoiler_text.empty() && !can.spoiler_text)
    return deny(fmt::format("spoiler_text: {} has no content warnings", platform));
  if (!draft.visibility.empty() && draft.visibility != "public" && !can.visibility)
    return deny(fmt::format("visibility: posts on {} are public", platform));
  if (draft.scheduled_at && !can.scheduling)
    return deny(fmt::format("scheduled_at: {} has no scheduler; give the time to Linnet instead", platform));
  if (draft.quoted_id && !can.quotes) return deny(fmt::format("quoted_id: {} has no quotes", platform));
  return {};
}

// Nothing leaves unchecked: what could not be looked at now is looked at again.
Opinion target(const Action& action, const Situation& situation) {
  if (takes_back(action)) return {};
  if (situation.unreachable) return deny(*situation.unreachable);
  if (situation.unread) return defer(*situation.unread, situation.now + kLookAgain);
  return {};
}

Opinion opt_out(const Action& action, const Situation& situation) {
  if (!situation.opt_out_reason || takes_back(action)) return {};
  return deny(*situation.opt_out_reason);
}

Opinion blocklist(const Action& action, const Situation& situation) {
  if (!situation.block_reason || takes_back(action)) return {};
  return deny(*situation.block_reason);
}

Opinion consent(const Action& action, const Situation& situation) {
  if (action.type == ActionType::dm_read && !situation.consents_to_reading)
    return deny("the person has not agreed to their messages being read (consent dm_read)");
  if (action.type == ActionType::dm_send && situation.refuses_messages)
    return deny("the person has taken back their consent to being written to");
  return {};
}

Opinion already_done(const Action& action, const Situation& situation) {
  if (!situation.is_done_already || !model::is_idempotent(action.type)) return {};
  return deny("it is so already");
}

Opinion by_hand(const Action& action, const Situation& /*situation*/) {
  if (kind_of(action) != Kind::follow || action.by_hand) return {};
  return deny(
      "following and unfollowing is done by hand, one person at a time: in the web app or at a terminal");
}

Opinion duplicate_text(const Action& action, const Situation& situation) {
  constexpr std::size_t kPeopleBeforeAsking = 3;
  constexpr std::size_t kPeopleAtMost = 10;
  if (action.text_hash.empty()) return {};
  std::set<std::string> people;
  bool published = false;
  for (const auto& past : situation.past) {
    if (past.text_hash != action.text_hash) continue;
    if (!past.target_user_id.empty() && past.target_user_id != action.target_user_id)
      people.insert(past.target_user_id);
    if (past.type == ActionType::publish && situation.now - past.at < std::chrono::hours(24))
      published = true;
  }
  if (people.size() >= kPeopleAtMost && !action.target_user_id.empty()) {
    return deny(fmt::format("the same text went to {} people within seven days; at most {}", people.size(),
                            kPeopleAtMost));
  }
  // Whoever approves while asking has not been told that it was said before.
  const bool is_known = situation.is_approved && !situation.is_approved_unseen;
  if (people.size() >= kPeopleBeforeAsking && !action.target_user_id.empty() && !is_known)
    return hold(fmt::format("the same text went to {} people within seven days", people.size()));
  if (published && action.type == ActionType::publish && !is_known)
    return hold("the same text was published within the last 24 hours");
  return {};
}

Opinion approval(const Action& action, const Situation& situation) {
  if (situation.is_approved) return {};
  const auto& automatic = situation.account.settings.auto_approve;
  switch (kind_of(action)) {
    case Kind::dm:
      if (!situation.has_messages)
        return hold("the first message to somebody always waits for a person's word");
      if (!automatic.dms) return hold("messages of this account wait for a person's word");
      return {};
    case Kind::comment:
      if (!automatic.comments) return hold("comments of this account wait for a person's word");
      return {};
    case Kind::post:
      if (!automatic.posts) return hold("posts of this account wait for a person's word");
      return {};
    case Kind::like:
      if (!automatic.likes && !action.by_hand) return hold("likes of this account wait for a person's word");
      return {};
    case Kind::undo:
      if (!action.by_hand) return hold("taking something back waits for a person's word");
      return {};
    case Kind::follow:
    case Kind::read:
      return {};
  }
  return {};
}

Opinion circuit_breaker(const Action& /*action*/, const Situation& situation) {
  const auto& account = situation.account;
  const auto why =
      account.pause_reason.empty() ? std::string("trouble with the platform") : account.pause_reason;
  if (account.needs_human)
    return defer(fmt::format("paused until a person resumes it: {}", why), situation.now + kAskAgain);
  if (account.paused_until && *account.paused_until > situation.now)
    return defer(fmt::format("paused: {}", why), *account.paused_until);
  return {};
}

Opinion quiet_hours(const Action& action, const Situation& situation) {
  const auto& quiet = situation.account.settings.quiet_hours;
  if (!quiet || model::only_reads(action.type) || takes_back(action)) return {};
  if (action.continues_thread) return {};
  // The person chose the moment.
  if (action.type == ActionType::publish && action.has_own_time &&
      situation.now - action.planned_at < kOnTime)
    return {};
  const auto until = govern::quiet_until(*quiet, situation.now);
  if (!until) return defer(until.error().safe, situation.now + kAskAgain);
  if (!*until) return {};
  return defer(fmt::format("quiet hours, {}", govern::in_words(*quiet)), **until);
}

}  // namespace linnet::act::rules
