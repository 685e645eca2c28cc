// People who use Linnet, and their tokens.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "base/instant_words.hpp"
#include "cli/acting_context.hpp"
#include "cli/hidden_line.hpp"
#include "cli/option_names.hpp"
#include "cli/output.hpp"
#include "govern/people.hpp"
#include "store/record/json.hpp"

namespace linnet::cli {
namespace {

constexpr const char* kRights =
    "read, analyze, act, approve, stop, rules, dm_read, consent, accounts, people, audit, erase";

const OptionNames kOptionNames{{"expires_at", "--expires"},
                               {"requests_per_minute", "--per-minute"},
                               {"name", "--name"},
                               {"scopes", "--scope"}};

struct UserOptions {
  std::string name;
  std::string role = "viewer";
  bool no_password = false;
  std::string token_name;
  std::vector<std::string> scopes{"read"};
  std::vector<std::string> rights;
  std::string expires;
  std::int64_t per_minute = govern::kTokenRequestsPerMinute;
  std::string id;
};

// From the terminal, unseen and twice; or a line of standard input. Never from the command line, where others
// could see it.
Result<std::string> read_password() {
  auto password = read_hidden_line("Password (10 characters or more)");
  if (password.empty()) return invalid("password: expected one on standard input, got nothing");
  if (is_typed_at_terminal() && read_hidden_line("Once more") != password)
    return invalid("password: the two are not the same");
  return password;
}

struct OpenPeople {
  std::unique_ptr<store::Database> database;
  std::unique_ptr<store::Writer> writer;
  std::unique_ptr<govern::People> people;
};
Result<OpenPeople> open_people(Context& context) {
  OpenPeople open;
  LINNET_TRY(open.database, open_store(context.options));
  LINNET_TRY(open.writer, store::Writer::start(*open.database));
  open.people = std::make_unique<govern::People>(*open.database, *open.writer, context.clock);
  return open;
}

Result<govern::Role> role_of(const std::string& name) {
  if (const auto role = govern::parse_role(name)) return *role;
  return invalid(
      fmt::format("--role: expected viewer, analyst, author, approver or admin, got \"{}\"", name));
}

Status add(Context& context, const UserOptions& options) {
  LINNET_TRY(const auto role, role_of(options.role));
  LINNET_TRY(auto open, open_people(context));
  std::string password;
  if (!options.no_password) {
    LINNET_TRY(password, read_password());
  }
  LINNET_TRY(const auto user, open.people->add(options.name, role, password, person_at_terminal().name));
  if (context.options.json) {
    print_json(record::to_json(user));
  } else {
    fmt::print("{} is added, {}{}.\n", user.name, to_string(user.role),
               user.has_password ? "" : ", and signs in by tokens only");
  }
  return {};
}

Status list(Context& context, const UserOptions& /*options*/) {
  LINNET_TRY(auto open, open_people(context));
  LINNET_TRY(const auto users, open.people->list());
  if (context.options.json) {
    print_json(record::to_json(users));
    return {};
  }
  Table table({"name", "role", "and may", "password", "active", "id"});
  for (const auto& user : users)
    table.add({user.name, std::string(to_string(user.role)), to_words(user.extra),
               user.has_password ? "yes" : "no", user.is_active ? "yes" : "no", user.id});
  table.print("nobody yet: whoever sits at this machine may do everything");
  return {};
}

// Who they are now, after a change.
Status say(const Context& context, govern::People& people, const std::string& id) {
  if (context.options.quiet) return {};
  LINNET_TRY(const auto user, people.find(id));
  fmt::print("{}: {}{}{}{}\n", user.name, to_string(user.role),
             user.extra.empty() ? "" : ", and may " + to_words(user.extra),
             user.has_password ? "" : ", no password", user.is_active ? "" : ", let in no more");
  return {};
}

Status set_role(Context& context, const UserOptions& options) {
  LINNET_TRY(const auto role, role_of(options.role));
  LINNET_TRY(auto open, open_people(context));
  LINNET_TRY(const auto user, open.people->find(options.name));
  LINNET_CHECK(open.people->set_role(user.id, role, person_at_terminal().name));
  return say(context, *open.people, user.id);
}

Status permit(Context& context, const UserOptions& options) {
  LINNET_TRY(const auto rights, govern::parse_permissions("RIGHT", options.rights));
  LINNET_TRY(auto open, open_people(context));
  LINNET_TRY(const auto user, open.people->find(options.name));
  for (const auto right : rights) {
    if (govern::permissions_of(user.role).contains(right) && !context.options.quiet)
      fmt::print(stderr, "{} has {} by their role already; kept beside it, for when the role changes\n",
                 user.name, to_string(right));
  }
  LINNET_CHECK(open.people->permit(user.id, rights, person_at_terminal().name));
  return say(context, *open.people, user.id);
}

Status forbid(Context& context, const UserOptions& options) {
  LINNET_TRY(const auto rights, govern::parse_permissions("RIGHT", options.rights));
  LINNET_TRY(auto open, open_people(context));
  LINNET_TRY(const auto user, open.people->find(options.name));
  LINNET_CHECK(open.people->forbid(user.id, rights, person_at_terminal().name));
  return say(context, *open.people, user.id);
}

Status set_password(Context& context, const UserOptions& options) {
  LINNET_TRY(auto open, open_people(context));
  LINNET_TRY(const auto user, open.people->find(options.name));
  LINNET_TRY(const auto password, read_password());
  LINNET_CHECK(open.people->set_password(user.id, password, person_at_terminal().name));
  if (!context.options.quiet) fmt::print("The password is changed; their sessions have ended.\n");
  return {};
}

Status deactivate(Context& context, const UserOptions& options) {
  LINNET_TRY(auto open, open_people(context));
  LINNET_TRY(const auto user, open.people->find(options.name));
  LINNET_CHECK(open.people->set_active(user.id, false, person_at_terminal().name));
  return say(context, *open.people, user.id);
}

Status sign_out(Context& context, const UserOptions& options) {
  LINNET_TRY(auto open, open_people(context));
  LINNET_TRY(const auto user, open.people->find(options.name));
  LINNET_CHECK(open.people->sign_out_everywhere(user.id, person_at_terminal().name));
  if (!context.options.quiet) fmt::print("Their sessions have ended.\n");
  return {};
}

Status create_token(Context& context, const UserOptions& options) {
  govern::WantedToken wanted{options.token_name, {}, {}, options.per_minute};
  LINNET_TRY(wanted.scopes, govern::parse_permissions("--scope", options.scopes));
  if (!options.expires.empty()) {
    LINNET_TRY(wanted.expires_at, parse_instant("--expires", options.expires));
  }
  LINNET_TRY(auto open, open_people(context));
  LINNET_TRY(
      const auto made,
      with_options(open.people->create_token(options.name, wanted, person_at_terminal().name), kOptionNames));
  if (context.options.json) {
    auto object = record::to_json(made.token);
    object["secret"] = made.secret;
    print_json(object);
  } else {
    fmt::print("{}\n", made.secret);
    fmt::print(stderr, "It is shown this once; keep it somewhere safe.\n");
  }
  return {};
}

Status list_tokens(Context& context, const UserOptions& /*options*/) {
  LINNET_TRY(auto open, open_people(context));
  LINNET_TRY(const auto tokens, open.people->list_tokens(""));
  if (context.options.json) {
    print_json(record::to_json(tokens));
    return {};
  }
  Table table({"id", "name", "begins with", "scopes", "a minute", "expires", "revoked", "last used"});
  for (const auto& token : tokens) {
    const auto scopes = to_words(token.scopes);
    const auto words = [](const std::optional<Instant>& at) { return at ? in_words(*at) : std::string(); };
    table.add({token.id, token.name, token.prefix, scopes, with_separators(token.requests_per_minute),
               words(token.expires_at), words(token.revoked_at), words(token.last_used_at)});
  }
  table.print("there are no tokens");
  return {};
}

Status limit(Context& context, const UserOptions& options) {
  LINNET_TRY(auto open, open_people(context));
  LINNET_CHECK(
      with_options(open.people->set_token_limit(options.id, options.per_minute, person_at_terminal().name),
                   {{"requests_per_minute", "REQUESTS"}}));
  if (!context.options.quiet) fmt::print("The limit is changed.\n");
  return {};
}

Status revoke(Context& context, const UserOptions& options) {
  LINNET_TRY(auto open, open_people(context));
  LINNET_CHECK(open.people->revoke_token(options.id, person_at_terminal().name));
  if (!context.options.quiet) fmt::print("The token is let in no more.\n");
  return {};
}

void on(CLI::App* command, Context& context, const std::shared_ptr<UserOptions>& options,
        Status (*work)(Context&, const UserOptions&)) {
  command->callback([&context, options, work] {
    context.action = [&context, options, work] { return work(context, *options); };
  });
}

}  // namespace

void add_user_command(CLI::App& program, Context& context) {
  auto* const user = program.add_subcommand("user", "People who use Linnet");
  user->require_subcommand(1);
  const auto options = std::make_shared<UserOptions>();
  const auto named = [&](const char* name, const char* help) {
    auto* const command = user->add_subcommand(name, help);
    command->add_option("NAME", options->name, "Their name")->required();
    return command;
  };
  auto* const add_command = named("add",
                                  "Add a person; the password is asked for, or read from standard input\n\n"
                                  "  linnet user add ada --role admin");
  add_command->add_option("--role", options->role, "viewer, analyst, author, approver, admin")
      ->capture_default_str();
  add_command->add_flag("--no-password", options->no_password, "They sign in by tokens only");
  on(add_command, context, options, add);
  on(user->add_subcommand("list", "Who there is"), context, options, list);
  auto* const role = named("role", "Give a person another role");
  role->add_option("ROLE", options->role, "viewer, analyst, author, approver, admin")->required();
  on(role, context, options, set_role);
  const auto with_rights = [&](const char* name, const char* help) {
    auto* const command = named(name, help);
    command->add_option("RIGHT", options->rights, kRights)->required();
    return command;
  };
  on(with_rights(
         "permit",
         "Give a person rights beside those of their role; who is signed in has them within seconds\n\n"
         "  linnet user permit bo audit dm_read"),
     context, options, permit);
  on(with_rights("forbid",
                 "Take such rights away again; those of the role go with another role (linnet user role)\n\n"
                 "  linnet user forbid bo dm_read"),
     context, options, forbid);
  on(named("password", "Give a person another password; ends their sessions"), context, options,
     set_password);
  on(named("deactivate", "Let a person in no more"), context, options, deactivate);
  on(named("sign-out", "End a person's sessions"), context, options, sign_out);
}

void add_token_command(CLI::App& program, Context& context) {
  auto* const token = program.add_subcommand("token", "Tokens for programs that use the API");
  token->require_subcommand(1);
  const auto options = std::make_shared<UserOptions>();
  auto* const create = token->add_subcommand(
      "create", "Make a token; it is shown once\n\n  linnet token create ada --name backup --scope read");
  create->add_option("USER", options->name, "Whose")->required();
  create->add_option("--name", options->token_name, "What for")->required();
  create->add_option("--scope", options->scopes, kRights)->capture_default_str();
  create->add_option("--expires", options->expires, "Until this moment");
  create->add_option("--per-minute", options->per_minute, "How many requests a minute it may send")
      ->capture_default_str();
  on(create, context, options, create_token);
  on(token->add_subcommand("list", "The tokens there are"), context, options, list_tokens);
  auto* const limit_command = token->add_subcommand(
      "limit",
      "Change how many requests a minute a token may send; more are answered by 429 and how long to wait\n\n"
      "  linnet token limit ID 60");
  limit_command->add_option("ID", options->id, "Id of the token (linnet token list)")->required();
  limit_command->add_option("REQUESTS", options->per_minute, "How many a minute")->required();
  on(limit_command, context, options, limit);
  auto* const revoke_command = token->add_subcommand("revoke", "End a token");
  revoke_command->add_option("ID", options->id, "Id of the token")->required();
  on(revoke_command, context, options, revoke);
}

}  // namespace linnet::cli
