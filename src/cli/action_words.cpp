#include "cli/action_words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "act/known_targets.hpp"
#include "base/instant_words.hpp"
#include "base/visible.hpp"
#include "govern/emergency_stop.hpp"

namespace linnet::cli {

namespace {

// Looks that could tell nothing have no confidence.
std::string done_in_words(const act::Attempt& attempt) {
  if (model::only_reads(attempt.type)) return "done";
  if (!attempt.is_verified) return "done, not verified";
  if (*attempt.is_verified) return "done, verified";
  return attempt.confidence.value_or(0) > 0 ? "not seen on the platform" : "done, not verified";
}

}  // namespace

std::string_view type_in_words(model::ActionType type) {
  switch (type) {
    using enum model::ActionType;
    case publish:
      return "post";
    case reply:
      return "answer";
    case comment:
      return "comment";
    case like:
      return "like";
    case unlike:
      return "take back a like";
    case boost:
      return "boost";
    case unboost:
      return "take back a boost";
    case follow:
      return "follow";
    case unfollow:
      return "unfollow";
    case dm_send:
      return "message";
    case dm_read:
      return "mark as read";
    case edit_post:
      return "edit";
    case delete_post:
      return "delete";
    case delete_comment:
      return "delete a comment";
    case extract_stats:
      return "read counts";
  }
  return model::to_string(type);
}

std::string kind_in_words(const act::Attempt& attempt) {
  const std::string type(type_in_words(attempt.type));
  if (attempt.depends_on.empty()) return type;
  return fmt::format("{}, post {} of a thread", type, attempt.step);
}

std::string state_in_words(const act::Attempt& attempt, Instant now) {
  switch (attempt.status) {
    using enum model::ActionStatus;
    case success:
      return done_in_words(attempt);
    case in_progress:
      return "being sent";
    case skipped:
      return "not allowed";
    case unknown:
      return "outcome unknown";
    case failed:
    case cancelled:
      return std::string(model::to_string(attempt.status));
    case pending:
      break;
  }
  if (attempt.hold == "approval") return "waits for approval";
  if (attempt.due_at > now)
    return fmt::format("{} {}", attempt.error.empty() ? "goes out at" : "waits until",
                       in_words(attempt.due_at));
  if (!attempt.depends_on.empty()) return "follows the post before it";
  return "goes out now, if linnet serve runs";
}

std::string reason_of(const act::Attempt& attempt) {
  if (attempt.error.empty()) return {};
  boost::system::error_code code;
  const auto error = boost::json::parse(attempt.error, code);
  if (code || !error.is_object()) return {};
  const auto* const message = error.as_object().if_contains("message");
  if (message == nullptr || !message->is_string()) return {};
  return visible(message->as_string());
}

std::string decision_in_words(const act::Verdict& decision) {
  switch (decision.decision) {
    case act::Decision::deny:
      return "not allowed";
    case act::Decision::hold:
      return "waits for approval";
    case act::Decision::defer:
      return decision.until ? fmt::format("waits until {}", in_words(*decision.until)) : "waits";
    case act::Decision::allow:
      return "allowed";
  }
  return "allowed";
}

std::string_view says_in_words(act::Decision decision) {
  switch (decision) {
    case act::Decision::deny:
      return "no";
    case act::Decision::hold:
      return "asks a person";
    case act::Decision::defer:
      return "later";
    case act::Decision::allow:
      return "fine";
  }
  return "fine";
}

std::string rule_in_words(std::string_view rule) {
  std::string words(rule);
  std::replace(words.begin(), words.end(), '_', ' ');
  return words;
}

Result<std::string> target_in_words(store::Connection& connection, const act::Attempt& attempt,
                                    const std::string& text) {
  if (attempt.type == model::ActionType::publish) return text;
  std::string name = attempt.target_name;
  std::string words;
  if (attempt.target_type == model::TargetType::post) {
    LINNET_TRY(const auto post, act::known_post(connection, attempt));
    if (name.empty()) name = post.author;
    words = post.text;
  }
  if (attempt.target_type == model::TargetType::user && name.empty()) {
    LINNET_TRY(name, act::known_person(connection, attempt));
  }
  if (!name.empty() && !name.starts_with('@')) name.insert(0, "@");
  if (name.empty() && words.empty()) return attempt.target_id;
  return name.empty() || words.empty() ? name + words : fmt::format("{}: {}", name, words);
}

Result<std::string> stop_notice(store::Connection& connection) {
  LINNET_TRY(const auto since, govern::stopped_since(connection));
  if (!since) return std::string();
  return fmt::format("Everything is stopped since {}: nothing goes out until linnet resume.",
                     in_words(*since));
}

}  // namespace linnet::cli
