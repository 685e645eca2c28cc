#include "act/shown_actions.hpp"

#include <algorithm>

#include "store/record/json.hpp"

namespace linnet::act {
namespace {

namespace json = boost::json;

// Of one attempt, oldest first.
Result<std::vector<govern::AuditEntry>> steps_of(store::Connection& connection, const Attempt& attempt) {
  govern::AuditQuery query;
  query.run_id = attempt.run_id;
  query.limit = 1'000;
  LINNET_TRY(auto trail, govern::list_audit(connection, query));
  std::erase_if(trail, [&](const govern::AuditEntry& entry) {
    const auto* const action = entry.details.if_contains("action");
    return action == nullptr || !action->is_string() ||
           std::string_view(action->as_string()) != attempt.id.value();
  });
  std::reverse(trail.begin(), trail.end());
  return trail;
}

bool is_hidden_post(const json::value& post) {
  const auto* const object = post.if_object();
  return object != nullptr && object->at("is_hidden").as_bool();
}

Result<json::value> with_posts_concerned(store::Connection& connection, const Attempt& attempt,
                                         const std::string& kept, ToWhom reader) {
  LINNET_TRY(const auto account, load_acting_account(connection, attempt.account));
  LINNET_TRY(auto posts, posts_concerned(connection, account, attempt, reader));
  // An erasure empties what was kept: what it took is null, and nobody is told figures of it.
  ApprovalContext whole;
  whole.account = account.username;
  whole.server = account.server;
  whole.action_type = attempt.type;
  auto context = record::to_json(whole);
  boost::system::error_code error;
  const auto found = json::parse(kept.empty() ? "{}" : kept, error);
  if (!error && found.is_object()) {
    for (const auto& [name, value] : found.get_object()) context[name] = value;
  }
  if (is_hidden_post(posts["post"])) context["post_url"] = "";
  for (auto& [name, post] : posts) context[name] = std::move(post);
  return json::value(std::move(context));
}

std::string rule_of(const Verdict& verdict) {
  return std::string(verdict.rule);
}

}  // namespace

Result<ShownAction> shown_action(const Gate& gate, const Attempt& attempt, const Onlooker& onlooker) {
  ShownAction shown{attempt, {}, {}};
  if (attempt.type == model::ActionType::dm_send && !onlooker.reads_messages) return shown;
  auto draft = gate.draft_of(attempt);
  if (!draft && draft.error().kind != ErrorKind::corrupt) return draft.error();
  // One that is damaged does not hide the others.
  if (draft) {
    shown.text = std::move(draft->text);
  } else {
    shown.text_error = draft.error().safe;
  }
  return shown;
}

Result<std::vector<ShownAction>> shown_actions(const Gate& gate, const std::vector<Attempt>& attempts,
                                               const Onlooker& onlooker) {
  std::vector<ShownAction> shown;
  for (const auto& attempt : attempts) {
    LINNET_TRY(auto one, shown_action(gate, attempt, onlooker));
    shown.push_back(std::move(one));
  }
  return shown;
}

Result<ActionPage> action_page(store::Connection& connection, const Gate& gate, std::string_view id,
                               const Onlooker& onlooker) {
  LINNET_TRY(const auto attempt, find_attempt(connection, id));
  ActionPage page;
  LINNET_TRY(page.action, shown_action(gate, attempt, onlooker));
  LINNET_TRY(page.verifications, verifications_of(connection, attempt.id));
  if (onlooker.sees_audit) {
    LINNET_TRY(page.audit, steps_of(connection, attempt));
  }
  return page;
}

Result<ShownRequest> shown_request(const Gate& gate, const Requested& requested, bool dry_run,
                                   const Onlooker& onlooker) {
  ShownRequest shown;
  shown.dry_run = dry_run;
  shown.is_repeat = requested.is_repeat;
  shown.decision = requested.decision;
  shown.verdicts = requested.verdicts;
  LINNET_TRY(shown.actions, shown_actions(gate, requested.attempts, onlooker));
  if (!requested.approval_id.empty()) shown.approval_id = requested.approval_id;
  return shown;
}

Result<std::vector<ShownApproval>> shown_approvals(store::Connection& connection, const Gate& gate,
                                                   const std::vector<Approval>& approvals,
                                                   const Onlooker& onlooker) {
  std::vector<ShownApproval> shown;
  for (const auto& approval : approvals) {
    LINNET_TRY(const auto attempt, find_attempt(connection, approval.attempt.value()));
    LINNET_TRY(auto context, with_posts_concerned(connection, attempt, approval.context, onlooker.posts));
    LINNET_TRY(auto action, shown_action(gate, attempt, onlooker));
    shown.push_back({approval, std::move(context), std::move(action)});
  }
  return shown;
}

}  // namespace linnet::act

namespace linnet::record {

using namespace linnet::act;

template <>
const Entity& entity_of<Verdict>() {
  static const auto described = entity<Verdict>(
      {.name = "Verdict"}, {shown<&rule_of>("rule").like("quiet_hours"),
                            field<&Verdict::decision>("decision"), field<&Verdict::reason>("reason"),
                            field<&Verdict::until>("until").means("When to ask again, of what is put off")});
  return described;
}
template <>
const Entity& entity_of<ShownAction>() {
  static const auto described = entity<ShownAction>(
      {.name = "Action", .bases = {within<&ShownAction::attempt>()}},
      {field<&ShownAction::text>("text").means(
           "Null: there is none, or it is a message and not for whoever asks"),
       field<&ShownAction::text_error>("text_error").left_out_when_null().means("Why it cannot be read")});
  return described;
}
template <>
const Entity& entity_of<ActionPage>() {
  static const auto described =
      entity<ActionPage>({.name = "ActionDetail", .bases = {within<&ActionPage::action>()}},
                         {field<&ActionPage::verifications>("verifications"),
                          field<&ActionPage::audit>("audit").left_out_when_null().means(
                              "Its steps, for those who may read the audit trail")});
  return described;
}
template <>
const Entity& entity_of<ShownRequest>() {
  using Shown = ShownRequest;
  static const auto described =
      entity<Shown>({.name = "RequestedAction"},
                    {field<&Shown::dry_run>("dry_run"), field<&Shown::is_repeat>("is_repeat"),
                     field<&Shown::decision>("decision"), field<&Shown::verdicts>("verdicts"),
                     field<&Shown::actions>("actions"), field<&Shown::approval_id>("approval_id")});
  return described;
}
template <>
const Entity& entity_of<PostConcerned>() {
  using Post = PostConcerned;
  static const auto described = entity<Post>(
      {.name = "PostConcerned"},
      {field<&Post::instance_id>("instance_id"), field<&Post::id>("id"),
       field<&Post::author>("author").like("ada@example.social"), field<&Post::text>("text"),
       field<&Post::spoiler_text>("spoiler_text"), field<&Post::url>("url"),
       field<&Post::created_at>("created_at"), field<&Post::is_deleted>("is_deleted"),
       field<&Post::is_followers_only>("is_followers_only"),
       field<&Post::is_hidden>("is_hidden").means("It is for followers, and not for whoever asks")});
  return described;
}
template <>
const Entity& entity_of<ApprovalContext>() {
  using Context = ApprovalContext;
  static const auto described = entity<Context>(
      {.name = "ApprovalContext"},
      {field<&Context::account>("account").like("ada"), field<&Context::server>("server"),
       field<&Context::action_type>("action_type"),
       field<&Context::previous_interactions>("previous_interactions")
           .means("Null, as all that was known then: it was erased since"),
       field<&Context::follower_count>("follower_count"), field<&Context::post_count>("post_count"),
       field<&Context::person>("person").like("bob@example.social"), field<&Context::post_url>("post_url"),
       field<&Context::verdicts>("verdicts"), field<&Context::post>("post"),
       field<&Context::quoted>("quoted")});
  return described;
}
template <>
const Entity& entity_of<ShownApproval>() {
  static const auto described =
      entity<ShownApproval>({.name = "Approval", .bases = {within<&ShownApproval::approval>()}},
                            {field<&ShownApproval::context>("context").shaped_as<ApprovalContext>(),
                             field<&ShownApproval::action>("action")});
  return described;
}

}  // namespace linnet::record
