#include "model/action.hpp"

#include <algorithm>

namespace linnet::model {

std::string_view to_string(ActionType type) {
  return enum_name(type);
}
std::string_view to_string(ActionStatus status) {
  return enum_name(status);
}
std::string_view to_string(TargetType type) {
  return enum_name(type);
}
std::string_view to_string(VerificationMethod method) {
  return enum_name(method);
}
std::optional<ActionType> parse_action_type(std::string_view name) {
  return parse_enum<ActionType>(name);
}
std::optional<ActionStatus> parse_action_status(std::string_view name) {
  return parse_enum<ActionStatus>(name);
}
std::optional<TargetType> parse_target_type(std::string_view name) {
  return parse_enum<TargetType>(name);
}
std::optional<VerificationMethod> parse_verification_method(std::string_view name) {
  return parse_enum<VerificationMethod>(name);
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
