#include "model/action.hpp"

#include <algorithm>

namespace linnet::model {
namespace {

template <typename Enum, std::size_t Count>
using Names = std::array<std::pair<Enum, std::string_view>, Count>;

constexpr Names<ActionType, kActionTypes> kTypes{{{ActionType::like, "like"},
                                                  {ActionType::unlike, "unlike"},
                                                  {ActionType::comment, "comment"},
                                                  {ActionType::delete_comment, "delete_comment"},
                                                  {ActionType::dm_send, "dm_send"},
                                                  {ActionType::dm_read, "dm_read"},
                                                  {ActionType::follow, "follow"},
                                                  {ActionType::unfollow, "unfollow"},
                                                  {ActionType::extract_stats, "extract_stats"},
                                                  {ActionType::publish, "publish"},
                                                  {ActionType::boost, "boost"},
                                                  {ActionType::unboost, "unboost"},
                                                  {ActionType::reply, "reply"},
                                                  {ActionType::edit_post, "edit_post"},
                                                  {ActionType::delete_post, "delete_post"}}};
constexpr Names<ActionStatus, kActionStatuses> kStatuses{{{ActionStatus::pending, "pending"},
                                                          {ActionStatus::in_progress, "in_progress"},
                                                          {ActionStatus::success, "success"},
                                                          {ActionStatus::failed, "failed"},
                                                          {ActionStatus::skipped, "skipped"},
                                                          {ActionStatus::cancelled, "cancelled"},
                                                          {ActionStatus::unknown, "unknown"}}};
constexpr Names<TargetType, 4> kTargets{{{TargetType::post, "post"},
                                         {TargetType::user, "user"},
                                         {TargetType::dm_thread, "dm_thread"},
                                         {TargetType::account, "account"}}};
constexpr Names<VerificationMethod, 5> kMethods{{{VerificationMethod::dom_state_check, "dom_state_check"},
                                                 {VerificationMethod::reload_verify, "reload_verify"},
                                                 {VerificationMethod::api_response, "api_response"},
                                                 {VerificationMethod::attribute_change, "attribute_change"},
                                                 {VerificationMethod::manual, "manual"}}};

template <typename Enum, std::size_t Count>
std::string_view name_of(const Names<Enum, Count>& names, Enum value) {
  for (const auto& [entry, name] : names) {
    if (entry == value) return name;
  }
  return "";
}

template <typename Enum, std::size_t Count>
std::optional<Enum> find_name(const Names<Enum, Count>& names, std::string_view text) {
  for (const auto& [entry, name] : names) {
    if (name == text) return entry;
  }
  return {};
}

}  // namespace

std::string_view to_string(ActionType type) {
  return name_of(kTypes, type);
}
std::string_view to_string(ActionStatus status) {
  return name_of(kStatuses, status);
}
std::string_view to_string(TargetType type) {
  return name_of(kTargets, type);
}
std::string_view to_string(VerificationMethod method) {
  return name_of(kMethods, method);
}
std::optional<ActionType> parse_action_type(std::string_view name) {
  return find_name(kTypes, name);
}
std::optional<ActionStatus> parse_action_status(std::string_view name) {
  return find_name(kStatuses, name);
}
std::optional<TargetType> parse_target_type(std::string_view name) {
  return find_name(kTargets, name);
}
std::optional<VerificationMethod> parse_verification_method(std::string_view name) {
  return find_name(kMethods, name);
}

bool may_follow(ActionStatus from, ActionStatus to) {
  using enum ActionStatus;
  switch (from) {
    case pending:
      return to == in_progress || to == skipped || to == cancelled || to == failed;
    // Back to pending: the platform certainly did not take it, and it may go again later.
    case in_progress:
      return to == success || to == failed || to == unknown || to == pending || to == skipped;
    case unknown:
      return to == success || to == failed || to == pending;
    case success:
    case failed:
    case skipped:
    case cancelled:
      return false;
  }
  return false;
}

bool is_final(ActionStatus status) {
  using enum ActionStatus;
  return status == success || status == failed || status == skipped || status == cancelled;
}

bool has_text(ActionType type) {
  using enum ActionType;
  return type == publish || type == comment || type == reply || type == dm_send || type == edit_post;
}

bool only_reads(ActionType type) {
  return type == ActionType::dm_read || type == ActionType::extract_stats;
}

bool is_idempotent(ActionType type) {
  using enum ActionType;
  constexpr std::array kOnce{like, unlike, follow, unfollow, boost, unboost, delete_comment, delete_post};
  return std::find(kOnce.begin(), kOnce.end(), type) != kOnce.end();
}

std::optional<ActionType> opposite(ActionType type) {
  using enum ActionType;
  switch (type) {
    case like:
      return unlike;
    case unlike:
      return like;
    case follow:
      return unfollow;
    case unfollow:
      return follow;
    case boost:
      return unboost;
    case unboost:
      return boost;
    case comment:
    case reply:
      return delete_comment;
    case publish:
      return delete_post;
    default:
      return {};
  }
}

}  // namespace linnet::model
