#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "base/instant_words.hpp"
#include "cli/acting_context.hpp"
#include "cli/option_names.hpp"
#include "cli/output.hpp"
#include "connect/every_platform.hpp"
#include "govern/consent.hpp"
#include "store/record/json.hpp"

namespace linnet::cli {
namespace {

namespace json = boost::json;

const OptionNames kOptionNames{{"user_id", "PERSON"},
                               {"consent_type", "--type"},
                               {"platform", "--platform"},
                               {"server", "--server"},
                               {"evidence", "--evidence"}};

govern::PersonKey key_of(const govern::Consent& consent) {
  return {consent.platform, consent.server_id, consent.user_id, ""};
}

// What somebody agreed to does not take back that they want nothing to do with it.
Status warn_of_opt_out(const Context& context, OpenActing& open, const govern::Consent& given) {
  govern::BlockSubject subject;
  subject.platform = given.platform;
  subject.server = given.server_id;
  subject.user_id = given.user_id;
  subject.user_name = given.address;
  LINNET_TRY(const auto entries, open.blocklist->check_all(subject));
  for (const auto& entry : entries) {
    if (entry.added_by == govern::AddedBy::opt_out && !context.options.quiet)
      fmt::print(
          stderr,
          "They have opted out, which comes first: nothing is read or sent until they take it back.\n");
  }
  return {};
}

Status grant(Context& context, const govern::Consent& consent) {
  LINNET_TRY(auto open, open_acting(context));
  govern::Consent given;
  LINNET_CHECK(open.writer->write([&](store::Connection& connection) -> Status {
    LINNET_TRY(given,
               govern::grant_consent(connection, consent, person_at_terminal().name, context.clock.now()));
    return {};
  }));
  if (context.options.json) {
    print_json(record::to_json(given));
  } else {
    fmt::print("Written down: {}.\n",
               given.type == "dm_contact"
                   ? fmt::format("{} may be written to", consent.user_id)
                   : fmt::format("what {} writes in messages may be read", consent.user_id));
  }
  return warn_of_opt_out(context, open, given);
}

Status revoke(Context& context, const govern::Consent& consent) {
  LINNET_TRY(auto open, open_acting(context));
  LINNET_CHECK(open.writer->write([&](store::Connection& connection) {
    return govern::revoke_consent(connection, key_of(consent), consent.type, person_at_terminal().name,
                                  context.clock.now());
  }));
  if (!context.options.quiet) fmt::print("Revoked; what was read under it is redacted.\n");
  return {};
}

Status opt_out(Context& context, const govern::Consent& consent) {
  LINNET_TRY(auto open, open_acting(context));
  LINNET_TRY(const auto cancelled,
             open.blocklist->opt_out(key_of(consent), "asked for it", person_at_terminal().name));
  fmt::print("Linnet does not deal with them any more; {} cancelled.\n",
             cancelled == 1 ? "1 pending action was" : fmt::format("{} pending actions were", cancelled));
  return {};
}

Status take_back(Context& context, const govern::Consent& consent) {
  constexpr std::size_t kLeastEvidence = 3;
  if (consent.evidence.size() < kLeastEvidence)
    return invalid("--evidence: expected where they said so, such as the address of their message");
  LINNET_TRY(auto open, open_acting(context));
  LINNET_CHECK(
      open.blocklist->take_back_opt_out(key_of(consent), consent.evidence, person_at_terminal().name));
  if (!context.options.quiet)
    fmt::print("Their opt-out is taken back; other entries of the blocklist stand.\n");
  return {};
}

Status list(Context& context, const govern::Consent& of) {
  LINNET_TRY(auto open, open_acting(context));
  LINNET_TRY(auto reader, open.database->reader());
  LINNET_TRY(const auto consents, govern::list_consents(*reader, of.user_id));
  json::array items;
  Table table({"id", "person", "server", "type", "granted", "revoked"});
  for (const auto& consent : consents) {
    const auto revoked = consent.revoked_at ? in_words(*consent.revoked_at) : std::string();
    items.push_back(record::to_json(consent));
    table.add({consent.id, consent.user_id, consent.server_id, consent.type, in_words(consent.granted_at),
               revoked});
  }
  if (context.options.json) {
    print_json(items);
  } else {
    table.print("nobody has agreed to anything yet");
  }
  return {};
}

}  // namespace

void add_consent_command(CLI::App& program, Context& context) {
  auto* const consent = program.add_subcommand("consent", "What people agreed to");
  consent->require_subcommand(1);
  const auto given = std::make_shared<govern::Consent>();
  given->type = "dm_read";
  given->platform = connect::default_platform().name;
  const auto add = [&](const char* name, const char* help, Status (*work)(Context&, const govern::Consent&),
                       bool needs_person) {
    auto* const command = consent->add_subcommand(name, help);
    auto* const person = command->add_option(
        "PERSON", given->user_id, "The platform's id of the person, or their address: ada@social.example");
    if (needs_person) person->required();
    command
        ->add_option("--type", given->type,
                     "dm_read (their messages may be read), dm_contact (they may be written to)")
        ->capture_default_str();
    command->add_option("--platform", given->platform, "mastodon, bluesky, discord …")->capture_default_str();
    command->add_option("--server", given->server_id,
                        "Whose id it is, where each server has its own; with an address: only there");
    command->add_option("--evidence", given->evidence, "Where it was given: an address or id");
    command->callback([&context, given, work] {
      context.action = [&context, given, work] { return with_options(work(context, *given), kOptionNames); };
    });
  };
  add("grant", "Write down that somebody agreed", grant, true);
  add("revoke", "Write down that they take it back: reading stops, what was read is redacted", revoke, true);
  add("opt-out", "They want nothing more to do with Linnet: for good", opt_out, true);
  add("take-back-opt-out", "They said that they take their opt-out back; needs --evidence", take_back, true);
  add("list", "All, or those of one person", list, false);
}

}  // namespace linnet::cli
