#include "cli/action_words.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "govern/emergency_stop.hpp"

namespace linnet::cli {

std::string kind_in_words(const act::Attempt& attempt) {
  const std::string type(model::to_string(attempt.type));
  if (attempt.depends_on.empty()) return type;
  return fmt::format("{}, post {} of a thread", type, attempt.step);
}

std::string state_in_words(const act::Attempt& attempt, Instant now) {
  if (attempt.status != model::ActionStatus::pending) return std::string(model::to_string(attempt.status));
  if (attempt.hold == "approval") return "waits for approval";
  if (attempt.due_at > now)
    return fmt::format("{} {}", attempt.error.empty() ? "goes out at" : "waits until",
                       to_iso8601(attempt.due_at));
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
  return std::string(std::string_view(message->as_string()));
}

std::string decision_in_words(const act::Verdict& decision) {
  switch (decision.decision) {
    case act::Decision::deny:
      return "not allowed";
    case act::Decision::hold:
      return "waits for approval";
    case act::Decision::defer:
      return decision.until ? fmt::format("waits until {}", to_iso8601(*decision.until)) : "waits";
    case act::Decision::allow:
      return "allowed";
  }
  return "allowed";
}

Result<std::string> stop_notice(store::Connection& connection) {
  LINNET_TRY(const auto since, govern::stopped_since(connection));
  if (!since) return std::string();
  return fmt::format("Everything is stopped since {}: nothing goes out until linnet resume.",
                     to_iso8601(*since));
}

}  // namespace linnet::cli
