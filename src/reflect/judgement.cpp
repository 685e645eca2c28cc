#include "reflect/judgement.hpp"

#include "base/text_limits.hpp"
#include "govern/audit.hpp"
#include "govern/withdrawal.hpp"
#include "reflect/insights.hpp"
#include "store/record/sql.hpp"

namespace linnet::reflect {
namespace {

constexpr std::size_t kLongestCorrection = 4'000;

Result<Insight> one_in_force(store::Connection& connection, Scope most, const std::string& id, Instant now) {
  LINNET_TRY(auto found, find_insight(connection, most, id, now));
  if (!found) return not_found("id: there is no insight " + id.substr(0, 40));
  if (found->withdrawn_at)
    return Error::of(ErrorKind::conflict, "id: that insight was withdrawn; nothing more can be said of it");
  return std::move(*found);
}

Status audit_judgement(store::Connection& connection, std::string_view what, const Insight& insight,
                       const std::string& actor, Instant now) {
  govern::AuditEntry entry;
  entry.event = govern::AuditEvent::action_complete;
  entry.actor = actor;
  entry.outcome = govern::AuditOutcome::success;
  entry.details = {{"what", what}, {"insight", insight.id}, {"run", insight.layer_run_id}};
  return govern::append_audit(connection, std::move(entry), now);
}

}  // namespace

Result<Insight> judge(store::Connection& connection, Scope most, const std::string& id,
                      const Judgement& judgement, const std::string& actor, Instant now) {
  if (judgement.rating && (*judgement.rating < 1 || *judgement.rating > 5))
    return invalid("rating: expected a whole number from 1 to 5");
  if (judgement.correction)
    LINNET_CHECK(check_length("correction", *judgement.correction, kLongestCorrection));
  LINNET_TRY(auto insight, one_in_force(connection, most, id, now));
  if (judgement.rating) insight.rating = judgement.rating;
  if (judgement.correction) insight.correction = *judgement.correction;
  if (judgement.is_pinned) {
    insight.is_pinned = *judgement.is_pinned;
    if (insight.is_pinned) insight.expires_at.reset();
  }
  insight.judged_by = actor;
  insight.judged_at = now;
  LINNET_CHECK(record::update(connection, insight));
  LINNET_CHECK(audit_judgement(connection, "insight_judged", insight, actor, now));
  return insight;
}

Result<Insight> withdraw(store::Connection& connection, Scope most, const std::string& id,
                         const std::string& why, const std::string& actor, Instant now) {
  LINNET_CHECK(check_length("why", why, kLongestReason));
  LINNET_TRY(auto insight, one_in_force(connection, most, id, now));
  LINNET_TRY(const auto all, govern::with_what_followed(connection, {insight.id}));
  for (const auto& one : all) {
    const bool is_itself = one == insight.id;
    const std::string_view reason =
        is_itself ? std::string_view(why) : "it was made of one that was withdrawn";
    LINNET_CHECK(store::run(connection,
                            R"(UPDATE insights SET withdrawn_at = $2, withdrawn_by = $3, withdrawn_why = $4,
                                 is_pinned = 0,
                                 is_to_be_remade = CASE WHEN superseded_by IS NULL THEN $5 ELSE 0 END
                               WHERE id = $1 AND withdrawn_at IS NULL)",
                            {std::string_view(one), to_micros(now), std::string_view(actor), reason,
                             std::int64_t{is_itself ? 0 : 1}}));
  }
  insight.withdrawn_at = now;
  insight.withdrawn_by = actor;
  insight.withdrawn_why = why;
  insight.is_pinned = false;
  LINNET_CHECK(audit_judgement(connection, "insight_withdrawn", insight, actor, now));
  return insight;
}

}  // namespace linnet::reflect
