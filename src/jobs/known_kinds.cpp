#include "jobs/known_kinds.hpp"

namespace linnet::jobs {
namespace {

using std::chrono::minutes;

// What rebuilds or takes from the tables as a whole is done one after the other.
constexpr std::string_view kTables = "tables";
constexpr std::string_view kEachMinute = "* * * * *";

constexpr Kind kKinds[] = {
    // Asked for by people.
    {.name = "replay", .title = "Rebuild every table from the log", .lane = kTables, .right = "analyze"},
    {.name = "retry", .title = "Read failed events again", .lane = kTables, .right = "analyze"},
    {.name = "erase",
     .title = "Erase a person",
     .lane = kTables,
     .may_be_asked_for = false,
     .asked_for_by = "linnet person erase, or in the web app, which ask once more",
     .is_private = true,
     .right = "erase"},
    {.name = "backup", .title = "Copy the database into the folder backups", .right = "people"},
    {.name = "summarise",
     .title = "Summarise a day",
     .may_be_asked_for = false,
     .asked_for_by = "linnet summaries make, or POST /api/v1/summaries, which say of which day",
     .right = "analyze"},
    // By the clock.
    {.name = "retention",
     .title = "Remove what the rules no longer keep",
     .schedule = "30 3 * * *",
     .most_tries = 6,
     .first_wait = minutes(10),
     .right = "people"},
    {.name = "erasures",
     .title = "Finish erasures that were broken off",
     .schedule = kEachMinute,
     .is_due_at_start = true,
     .right = "erase"},
    {.name = "uploads",
     .title = "Remove files that were sent ahead and not used for a day",
     .schedule = kEachMinute,
     .right = "people"},
    {.name = "model_calls",
     .title = "Settle calls of language models whose program ended",
     .schedule = "*/10 * * * *",
     .is_due_at_start = true,
     .right = "accounts"},
    {.name = "domain_hours",
     .title = "Count the domains of the last two hours",
     .schedule = kEachMinute,
     .is_due_at_start = true,
     .right = "analyze"},
    {.name = "domain_days",
     .title = "Count the domains of the last three days again",
     .schedule = "0 * * * *",
     .is_due_at_start = true,
     .right = "analyze"},
    {.name = "summaries",
     .title = "Summarise the days that have ended",
     .schedule = "*/5 * * * *",
     .is_due_at_start = true,
     .right = "analyze"},
    {.name = "salience_days",
     .title = "Take from topics of which nothing was heard for long",
     .schedule = "10 0 * * *",
     .is_due_at_start = true,
     .right = "analyze"},
    {.name = "messages",
     .title = "Read conversations",
     .schedule = "*/5 * * * *",
     .is_due_at_start = true,
     .right = "accounts"},
    {.name = "counts",
     .title = "Read the counts of young posts again",
     .schedule = kEachMinute,
     .has_keys = true,
     .is_due_at_start = true,
     .right = "accounts"},
    {.name = "follows",
     .title = "Read who follows an account, and whom it follows",
     .schedule = "0 */6 * * *",
     .has_keys = true,
     .is_due_at_start = true,
     .most_tries = 4,
     .first_wait = minutes(10),
     .right = "accounts"},
    {.name = "sign_ins",
     .title = "Look whether every account is still signed in",
     .schedule = "15 5 * * *",
     .right = "accounts"},
    {.name = "limits",
     .title = "Ask servers what they take",
     .schedule = "0 */6 * * *",
     .is_due_at_start = true,
     .right = "accounts"},
};

}  // namespace

std::span<const Kind> known_kinds() {
  return kKinds;
}

}  // namespace linnet::jobs
