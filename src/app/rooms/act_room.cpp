#include "app/rooms/rooms.hpp"

#include "act/account_rounds.hpp"
#include "act/person_erasure.hpp"
#include "app/table_jobs.hpp"
#include "observe/salience/remake.hpp"

namespace linnet::app {
namespace {

using jobs::JobContext;

Status erasures(const JobParts& parts, JobContext& context) {
  context.nothing_to_do();
  // Not of people alone: a ledger that was being made anew is made.
  LINNET_CHECK(salience::finish_ledger(parts.database, parts.writer));
  return act::finish_erasures(parts.database, parts.writer, parts.clock);
}

Status read_messages(const JobParts& parts, JobContext& context) {
  context.nothing_to_do();
  return act::read_messages(parts.acting.rounds(), context.stop());
}

Status learn_limits(const JobParts& parts, JobContext& context) {
  context.nothing_to_do();
  return act::learn_all_limits(parts.acting.rounds(), context.stop());
}

Status check_sign_ins(const JobParts& parts, JobContext& context) {
  return act::check_sign_ins(parts.acting.rounds(), context.stop());
}

}  // namespace

Room act_room() {
  return {.name = "act",
          .commands =
              {
                  {"Act", cli::add_action_command},
                  {"Act", cli::add_approval_commands},
                  {"Rules and evidence", cli::add_policy_command},
                  {"Rules and evidence", cli::add_person_command},
              },
          .routes = {api::action_routes, api::draft_routes, api::message_routes, api::person_routes},
          .jobs = {
              {"erase", erase},
              {"erasures", erasures},
              {"messages", read_messages},
              {"limits", learn_limits},
              {"sign_ins", check_sign_ins},
          }};
}

}  // namespace linnet::app
