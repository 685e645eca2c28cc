// What Linnet does on a network in the user's name, and how far it has come.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/enum_names.hpp"

namespace linnet::model {

enum class ActionType : std::uint8_t {
  like,
  unlike,
  comment,
  delete_comment,
  dm_send,
  dm_read,
  follow,
  unfollow,
  extract_stats,
  publish,
  boost,
  unboost,
  reply,
  edit_post,
  delete_post,
};
BOOST_DESCRIBE_ENUM(ActionType, like, unlike, comment, delete_comment, dm_send, dm_read, follow, unfollow,
                    extract_stats, publish, boost, unboost, reply, edit_post, delete_post)
inline constexpr int kActionTypes = 15;

// `unknown`: it was sent, and whether it took effect is not known; it is looked up, never blindly sent again.
enum class ActionStatus : std::uint8_t { pending, in_progress, success, failed, skipped, cancelled, unknown };
BOOST_DESCRIBE_ENUM(ActionStatus, pending, in_progress, success, failed, skipped, cancelled, unknown)
inline constexpr int kActionStatuses = 7;

enum class TargetType : std::uint8_t { post, user, dm_thread, account };
BOOST_DESCRIBE_ENUM(TargetType, post, user, dm_thread, account)

enum class VerificationMethod : std::uint8_t {
  dom_state_check,
  reload_verify,
  api_response,
  attribute_change,
  manual,
};
BOOST_DESCRIBE_ENUM(VerificationMethod, dom_state_check, reload_verify, api_response, attribute_change,
                    manual)

// "delete_comment"
std::string_view to_string(ActionType type);
std::string_view to_string(ActionStatus status);
std::string_view to_string(TargetType type);
std::string_view to_string(VerificationMethod method);
std::optional<ActionType> parse_action_type(std::string_view name);
std::optional<ActionStatus> parse_action_status(std::string_view name);
std::optional<TargetType> parse_target_type(std::string_view name);
std::optional<VerificationMethod> parse_verification_method(std::string_view name);

// The one place that says which status may follow which.
bool may_follow(ActionStatus from, ActionStatus to);
// Nothing follows.
bool is_final(ActionStatus status);

// Carries text that others read: publish, comment, reply, dm_send, edit_post.
bool has_text(ActionType type);
// Only looks: may be repeated at will, and needs no idempotency.
bool only_reads(ActionType type);
// Doing it twice is the same as doing it once, on every platform: like, follow and what takes them back.
bool is_idempotent(ActionType type);
// What takes it back, if anything does: a like's is unlike.
std::optional<ActionType> opposite(ActionType type);

}  // namespace linnet::model
