#include "act/every_table.hpp"

#include "act/attempt_store.hpp"
#include "act/messages.hpp"
#include "connect/account_store.hpp"
#include "govern/audit.hpp"
#include "govern/blocklist_entry.hpp"
#include "govern/consent.hpp"
#include "govern/drafts.hpp"
#include "govern/people.hpp"
#include "jobs/job.hpp"
#include "llm/calls.hpp"
#include "llm/limits.hpp"
#include "llm/prompts.hpp"
#include "observe/every_projection.hpp"
#include "reflect/insight.hpp"

namespace linnet::act {
namespace {

using record::entity_of;
using record::OfPerson;
using record::Origin;

// Those that neither a record nor a projection describes, or whose record says nothing of this.
const std::vector<record::Entity>& others() {
  static const std::vector<record::Entity> tables{
      {.table = "instances"},
      {.table = "account_follows",
       .care = {.person = OfPerson::in_code, .condition = "observe/erase_account.cpp"}},
      {.table = "daily_summaries",
       .care = {.person = OfPerson::in_code, .condition = "act/person_erasure.cpp"}},
      {.table = "hourly_domain_stats",
       .care = {.person = OfPerson::in_code, .condition = "act/person_erasure.cpp"}},
      {.table = "watches"},
      {.table = "action_media",
       .care = {.person = OfPerson::with, .condition = "action_attempts", .kept_for = "files of actions"}},
      {.table = "action_media_pieces",
       .care = {.person = OfPerson::with, .condition = "action_media", .kept_for = "files of actions"}},
      {.table = "post_engagements", .care = {.person = OfPerson::with, .condition = "posts"}},
      {.table = "workers", .care = {.origin = Origin::upkeep}},
      {.table = "leases", .care = {.origin = Origin::upkeep}},
      {.table = "audit_head", .care = {.origin = Origin::upkeep}},
      {.table = "heeded_opt_outs",
       .care = {.person = OfPerson::in_code, .condition = "act/person_erasure.cpp"}},
      {.table = "waiting_opt_outs",
       .care = {.person = OfPerson::in_code, .condition = "act/mention_opt_outs.cpp"}},
      {.table = "opt_out_fingerprints"},
      {.table = "llm_buckets", .care = {.origin = Origin::upkeep}},
      {.table = "llm_budget"},
      {.table = "llm_months"},
      {.table = "llm_prompt_choices"},
      {.table = "llm_call_people",
       .care = {.person = OfPerson::with, .condition = "llm_calls", .kept_for = "calls of language models"}},
      {.table = "llm_call_sources",
       .care = {.person = OfPerson::with, .condition = "llm_calls", .kept_for = "calls of language models"}},
      {.table = "govern_marks", .care = {.origin = Origin::upkeep}},
      {.table = "user_sessions", .care = {.person = OfPerson::ours, .kept_for = "sessions"}},
      {.table = "platforms"},
      {.table = "platform_credentials"},
      {.table = "platform_capabilities"},
      {.table = "key_states", .care = {.origin = Origin::upkeep}},
      {.table = "sealed_keys", .care = {.origin = Origin::upkeep}},
      {.table = "raised_flags", .care = {.origin = Origin::upkeep}},
      {.table = "erasure_leftovers", .care = {.origin = Origin::upkeep}},
      {.table = "projection_marks", .care = {.origin = Origin::upkeep}},
      {.table = "event_blocks",
       .care = {.origin = Origin::upkeep,
                .person = OfPerson::in_code,
                .condition = "observe/rewrite_log.cpp",
                .kept_for = "events of the log"}},
      {.table = "event_rows",
       .care = {.origin = Origin::upkeep,
                .person = OfPerson::in_code,
                .condition = "observe/rewrite_log.cpp",
                .kept_for = "events of the log"}},
      {.table = "event_log_head", .care = {.origin = Origin::upkeep}},
      {.table = "event_marks", .care = {.origin = Origin::upkeep, .kept_for = "events of the log"}},
      {.table = "event_gaps", .care = {.origin = Origin::upkeep}},
      {.table = "connector_cursors", .care = {.origin = Origin::upkeep}},
      {.table = "log_upkeep", .care = {.origin = Origin::upkeep}},
      {.table = "search_marks", .care = {.origin = Origin::upkeep}},
      {.table = "post_search",
       .care = {.origin = Origin::log, .person = OfPerson::with, .condition = "posts"}},
  };
  return tables;
}

}  // namespace

const std::vector<const record::Entity*>& every_table() {
  static const auto all = [] {
    std::vector<const record::Entity*> tables{
        &entity_of<Attempt>(),
        &entity_of<Verification>(),
        &entity_of<Approval>(),
        &entity_of<DmThread>(),
        &entity_of<DmMessage>(),
        &entity_of<govern::Consent>(),
        &entity_of<govern::BlocklistEntry>(),
        &entity_of<govern::AuditEntry>(),
        &entity_of<govern::User>(),
        &entity_of<govern::Draft>(),
        &entity_of<govern::ApiToken>(),
        &entity_of<connect::Account>(),
        &entity_of<jobs::Job>(),
        &entity_of<llm::Provider>(),
        &entity_of<llm::ProviderHealth>(),
        &entity_of<llm::PromptVersion>(),
        &entity_of<llm::Call>(),
        &entity_of<reflect::Insight>(),
        &entity_of<reflect::Source>(),
        &entity_of<reflect::LayerRun>(),
        &entity_of<reflect::RunTarget>(),
    };
    for (const auto* const projection : observe::every_projection()) {
      for (const auto& table : projection->tables()) tables.push_back(&table);
    }
    for (const auto& table : others()) tables.push_back(&table);
    return tables;
  }();
  return all;
}

}  // namespace linnet::act
