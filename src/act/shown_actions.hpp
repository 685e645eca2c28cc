// Actions and approvals as the API and the commands show them, to whoever may see how much.
#pragma once

#include "act/gate.hpp"
#include "govern/audit.hpp"
#include "store/record/entity.hpp"

namespace linnet::act {

// Who looks.
struct Onlooker {
  bool reads_messages = false;  // what was written to a person is for those who may read messages
  bool sees_audit = false;
  ToWhom posts = ToWhom::everybody;
};

// An action, and what it says.
struct ShownAction {
  Attempt attempt;
  std::optional<std::string> text;
  std::optional<std::string> text_error;  // why it cannot be read
};
Result<ShownAction> shown_action(const Gate& gate, const Attempt& attempt, const Onlooker& onlooker);
Result<std::vector<ShownAction>> shown_actions(const Gate& gate, const std::vector<Attempt>& attempts,
                                               const Onlooker& onlooker);

// An action with its evidence, and its rows of the audit trail.
struct ActionPage {
  ShownAction action;
  std::vector<Verification> verifications;
  std::optional<std::vector<govern::AuditEntry>> audit;  // oldest first
};
// `not_found`.
Result<ActionPage> action_page(store::Connection& connection, const Gate& gate, std::string_view id,
                               const Onlooker& onlooker);

// What was asked for, and what came of it.
struct ShownRequest {
  bool dry_run = false;
  bool is_repeat = false;
  Verdict decision;
  std::vector<Verdict> verdicts;
  std::vector<ShownAction> actions;
  std::optional<std::string> approval_id;
};
Result<ShownRequest> shown_request(const Gate& gate, const Requested& requested, bool dry_run,
                                   const Onlooker& onlooker);

// What waits for a person's word, with the posts concerned as they are now.
struct ShownApproval {
  Approval approval;
  boost::json::value context;
  ShownAction action;
};
Result<std::vector<ShownApproval>> shown_approvals(store::Connection& connection, const Gate& gate,
                                                   const std::vector<Approval>& approvals,
                                                   const Onlooker& onlooker);

// In the shape of what situation.cpp makes as JSON.
struct PostConcerned {
  std::int64_t instance_id = 0;
  std::string id, author, text, spoiler_text, url;
  std::optional<Instant> created_at;
  bool is_deleted = false, is_followers_only = false, is_hidden = false;
};
struct ApprovalContext {
  std::string account, server;
  model::ActionType action_type{};
  // What was known when it was asked for; nullopt: an erasure has emptied it.
  std::optional<std::int64_t> previous_interactions, follower_count, post_count;
  std::optional<std::string> person, post_url;
  std::optional<std::vector<Verdict>> verdicts;
  std::optional<PostConcerned> post, quoted;
};

}  // namespace linnet::act

namespace linnet::record {

template <>
const Entity& entity_of<act::Verdict>();
template <>
const Entity& entity_of<act::ShownAction>();
template <>
const Entity& entity_of<act::ActionPage>();
template <>
const Entity& entity_of<act::ShownRequest>();
template <>
const Entity& entity_of<act::PostConcerned>();
template <>
const Entity& entity_of<act::ApprovalContext>();
template <>
const Entity& entity_of<act::ShownApproval>();

}  // namespace linnet::record
