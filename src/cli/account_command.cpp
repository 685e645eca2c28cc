#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <iostream>

#include "act/situation.hpp"
#include "base/visible.hpp"
#include "cli/acting_context.hpp"
#include "cli/output.hpp"
#include "connect/account_store.hpp"
#include "connect/every_platform.hpp"
#include "connect/sign_in_here.hpp"
#include "govern/account_changes.hpp"
#include "govern/app_registrations.hpp"
#include "govern/key_guard.hpp"
#include "govern/platforms.hpp"
#include "net/curl_transport.hpp"
#include "net/url.hpp"
#include "observe/ingest.hpp"

namespace linnet::cli {
namespace {

struct AddOptions {
  std::string platform;
  std::string address;
  bool has_token = false;
  bool out_of_band = false;
  bool acts = false;
  std::string name;
  std::string again;
  std::vector<std::string> streams;
};

// The token is read from the environment or from standard input: on the command line others could see it.
Result<std::string> read_token() {
  if (const char* const token = std::getenv("LINNET_TOKEN"); token != nullptr) return std::string(token);
  fmt::print(stderr, "Paste the access token and press Enter: ");
  std::string token;
  if (!std::getline(std::cin, token) || token.empty())
    return invalid("--token: expected a token on standard input or in LINNET_TOKEN");
  return token;
}

void show_address(const std::string& url) {
  fmt::print(stderr, "Open this address and allow Linnet in:\n\n  {}\n\n", visible(url));
}

// The browser is on another machine: the server shows a code there.
Result<connect::SignedInAccount> sign_in_by_code(const connect::SignInDoor& door,
                                                 connect::SignInRequest request) {
  if (door.shown_code.empty()) return invalid(fmt::format("--paste-code: {}", door.without_code));
  request.redirect_uri = door.shown_code;
  LINNET_TRY(const auto started, door.begin(request, {}));
  fmt::print(stderr, "Open this address, allow Linnet in, and paste the code it shows:\n\n  {}\n\nCode: ",
             visible(started.authorize_url));
  std::string code;
  std::getline(std::cin, code);
  return started.finish({{"code", code}});
}

// In the browser; or with what was made on the server for the purpose: a token, an app password.
Result<connect::SignedInAccount> sign_in(const connect::SignInDoor& door, const AddOptions& options,
                                         connect::SignInRequest request) {
  const bool has_name = !options.name.empty();
  if (options.has_token || (door.secret_needs_name && has_name)) {
    if (door.secret_needs_name && !has_name)
      return invalid("--name: expected the handle, such as ada.bsky.social");
    LINNET_TRY(const auto secret, read_token());
    return door.with_secret(request.server, options.name, secret, {});
  }
  if (options.out_of_band) return sign_in_by_code(door, std::move(request));
  return connect::sign_in_here(door, std::move(request), show_address, std::chrono::minutes(10), {});
}

struct OpenAccounts {
  std::unique_ptr<store::Database> database;
  std::unique_ptr<store::Writer> writer;
  std::unique_ptr<connect::AccountStore> accounts;
  SecretBox box;
};

Result<OpenAccounts> open_accounts(Context& context) {
  LINNET_TRY(auto database, open_store(context.options));
  LINNET_TRY(auto writer, store::Writer::start(*database));
  LINNET_TRY(const auto box, govern::open_secret_box(*database, context.options.data));
  auto accounts = std::make_unique<connect::AccountStore>(*database, *writer, context.clock, box);
  return OpenAccounts{std::move(database), std::move(writer), std::move(accounts), box};
}

void say_signed_in(const Context& context, const connect::AccountId& id, const std::string& base_url,
                   const std::string& username) {
  if (context.options.json) {
    print_json(boost::json::object{{"id", id.value()}, {"instance", base_url}, {"username", username}});
  } else {
    fmt::print("Signed in to {} as {}.\n", base_url, visible(username));
  }
}

Status refuse_new_account(OpenAccounts& open, const AddOptions& options, const std::string& address) {
  LINNET_TRY(auto reader, open.database->reader());
  return govern::refuse_new_account(*reader, options.platform, address);
}

// The account that is to sign in again; absent: anybody may.
Result<std::optional<connect::AccountId>> expected_account(OpenAccounts& open, const AddOptions& options) {
  if (options.again.empty()) return std::optional<connect::AccountId>();
  LINNET_TRY(const auto account, open.accounts->find(options.again));
  return std::optional(account.id);
}

// What was asked for; else the usual stream of a server that is new here. Signing in again changes no watch.
Result<std::vector<std::string>> streams_to_watch(OpenAccounts& open, const AddOptions& options,
                                                  const connect::SourceDoor& sources, InstanceId instance) {
  if (!sources.needs_account) return std::vector<std::string>();
  if (!options.streams.empty() || !options.again.empty()) return options.streams;
  LINNET_TRY(const auto watches, open.accounts->list_watches());
  for (const auto& watch : watches) {
    if (watch.instance == instance) return std::vector<std::string>();
  }
  return std::vector<std::string>{std::string(sources.default_stream)};
}

connect::AccountStore::AlsoOf signed_in_by_hand(Context& context, const std::string& platform) {
  return govern::account_signed_in({"", platform, person_at_terminal().name, context.clock.now()});
}

// What the server takes is known from now on. That it does not say is no error: it is asked again before
// anything is sent.
Status learn_limits(Context& context, OpenAccounts& open, connect::ActingConnector& acting,
                    const connect::AccountId& id) {
  const auto limits = acting.limits({});
  if (!limits) return {};
  return open.writer->write([&](store::Connection& connection) -> Status {
    LINNET_TRY(const auto account, act::load_acting_account(connection, id));
    return act::note_limits(connection, account, *limits, acting.capabilities(), context.clock.now());
  });
}

Status check_streams(const connect::PlatformDoor& door, const connect::ServerAccess& server,
                     const AddOptions& options) {
  if (!door.sources.needs_account) return {};
  for (const auto& stream : options.streams) {
    LINNET_TRY(const auto name, door.sources.settle_stream(server, stream, {}));
    (void)name;
  }
  return {};
}

Status add(Context& context, const AddOptions& options) {
  LINNET_TRY(const auto* const door, connect::platform_named("PLATFORM", options.platform));
  LINNET_TRY(const auto base_url, named("ADDRESS", net::normalise_instance_url(options.address)));
  net::CurlTransport transport;
  connect::RequestBudget budget(context.clock);
  const connect::ServerAccess server{transport, budget, context.clock, base_url};
  LINNET_CHECK(check_streams(*door, server, options));
  LINNET_TRY(auto open, open_accounts(context));
  LINNET_CHECK(refuse_new_account(open, options, base_url));
  LINNET_TRY(const auto expected, expected_account(open, options));
  connect::SignInRequest request{server, context.settings.platforms, options.acts, "", "", {}};
  if (door->sign_in.registers_apps) {
    request.kept_apps =
        govern::kept_apps(*open.database, *open.writer, context.clock, open.box,
                          {options.platform, base_url, options.acts}, person_at_terminal().name);
  }
  LINNET_TRY(const auto signed_in, sign_in(door->sign_in, options, std::move(request)));
  LINNET_TRY(const auto instance,
             observe::find_or_add_instance(*open.writer, base_url, door->name, context.clock.now()));
  LINNET_TRY(const auto id, open.accounts->add({options.platform, instance, signed_in.user_id,
                                                signed_in.username, signed_in.display_name, signed_in.scopes},
                                               signed_in.credentials, expected,
                                               signed_in_by_hand(context, options.platform)));
  const auto acting =
      door->acting.make({server, signed_in.user_id, signed_in.credentials, {}, context.settings.platforms});
  LINNET_CHECK(learn_limits(context, open, *acting, id));
  LINNET_TRY(const auto streams, streams_to_watch(open, options, door->sources, instance));
  for (const auto& stream : streams) {
    LINNET_TRY(const auto watch, open.accounts->add_watch(instance, id, stream));
    (void)watch;
  }
  say_signed_in(context, id, base_url, signed_in.username);
  return {};
}

}  // namespace

void add_account_command(CLI::App& program, Context& context) {
  auto* const account = program.add_subcommand("account", "Your accounts, which Linnet reads and acts with");
  account->require_subcommand(1);
  const auto options = std::make_shared<AddOptions>();
  auto* const add_command =
      account->add_subcommand("add",
                              "Sign in to a server and watch it\n\n  linnet account add mastodon "
                              "https://mastodon.social --stream public:local --stream hashtag:books");
  add_command->add_option("PLATFORM", options->platform, "mastodon, bluesky or discord")->required();
  add_command->add_option("--name", options->name,
                          "Bluesky: sign in with this handle and an app password instead of the browser");
  add_command->add_option("ADDRESS", options->address, "Address of the server")->required();
  add_command->add_flag("--token", options->has_token,
                        "Use an access token, from LINNET_TOKEN or pasted, instead of signing in");
  add_command->add_option("--again", options->again,
                          "Only as this account of yours, by its id or name: anybody else is refused");
  add_command->add_flag("--act", options->acts, "Ask for leave to post, like and follow as well");
  add_command->add_flag("--paste-code", options->out_of_band,
                        "The browser is on another machine: paste the code it shows");
  add_command
      ->add_option("--stream", options->streams,
                   "public, public:local, public:remote, hashtag:NAME, list:ID or user")
      ->capture_default_str();
  add_command->callback(
      [&context, options] { context.action = [&context, options] { return add(context, *options); }; });
  add_account_list_commands(*account, context);
  add_account_read_commands(*account, context);
  add_account_settings_commands(*account, context);
}

}  // namespace linnet::cli
