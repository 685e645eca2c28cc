#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <iostream>

#include "act/situation.hpp"
#include "base/visible.hpp"
#include "cli/acting_context.hpp"
#include "cli/output.hpp"
#include "connect/account_store.hpp"
#include "connect/bluesky/oauth.hpp"
#include "connect/bluesky/session.hpp"
#include "connect/mastodon/acting_mastodon.hpp"
#include "connect/mastodon/oauth.hpp"
#include "connect/mastodon/stream_kind.hpp"
#include "govern/account_changes.hpp"
#include "govern/app_registrations.hpp"
#include "govern/key_guard.hpp"
#include "govern/platforms.hpp"
#include "net/curl_transport.hpp"
#include "net/url.hpp"
#include "observe/ingest.hpp"

namespace linnet::cli {
namespace {

namespace mastodon = connect::mastodon;

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

Result<mastodon::SignedIn> sign_in(mastodon::OAuth& oauth, const AddOptions& options) {
  const std::stop_token never;
  if (options.has_token) {
    LINNET_TRY(const auto token, read_token());
    return oauth.with_token(token, never);
  }
  if (!options.out_of_band) {
    return oauth.sign_in(show_address, std::chrono::minutes(10), never);
  }
  LINNET_TRY(const auto pending, oauth.begin(mastodon::kOutOfBand, never));
  fmt::print(stderr, "Open this address, allow Linnet in, and paste the code it shows:\n\n  {}\n\nCode: ",
             visible(pending.authorize_url));
  std::string code;
  std::getline(std::cin, code);
  return oauth.finish(pending, code, never);
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

// In the browser; or with an app password (Settings, App passwords), which stands in for that of the account.
Result<connect::bluesky::SignedIn> sign_in_to_bluesky(Context& context, const AddOptions& options,
                                                      const std::string& service) {
  net::CurlTransport transport;
  connect::RequestBudget budget(context.clock);
  if (!options.has_token && options.name.empty()) {
    if (options.out_of_band)
      return invalid("--paste-code: Bluesky shows no code; use --name HANDLE with an app password instead");
    LINNET_TRY(auto oauth, connect::bluesky::OAuth::start(transport, budget, context.clock, service,
                                                          context.settings.plc_directory));
    return oauth.sign_in("", show_address, std::chrono::minutes(10), {});
  }
  if (options.name.empty()) return invalid("--name: expected the handle, such as ada.bsky.social");
  LINNET_TRY(const auto password, read_token());
  return connect::bluesky::sign_in(transport, budget, service, options.name, password, {});
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

// What was asked for; else the public stream of a server that is new here. Signing in again changes no watch.
Result<std::vector<std::string>> streams_to_watch(OpenAccounts& open, const AddOptions& options,
                                                  InstanceId instance) {
  if (!options.streams.empty() || !options.again.empty()) return options.streams;
  LINNET_TRY(const auto watches, open.accounts->list_watches());
  for (const auto& watch : watches) {
    if (watch.instance == instance) return std::vector<std::string>();
  }
  return std::vector<std::string>{"public"};
}

connect::AccountStore::AlsoOf signed_in_by_hand(Context& context, const std::string& platform) {
  return govern::account_signed_in({"", platform, person_at_terminal().name, context.clock.now()});
}

Status add_bluesky(Context& context, const AddOptions& options) {
  LINNET_TRY(const auto service, named("ADDRESS", net::normalise_instance_url(options.address)));
  LINNET_TRY(auto open, open_accounts(context));
  LINNET_CHECK(refuse_new_account(open, options, service));
  LINNET_TRY(const auto expected, expected_account(open, options));
  LINNET_TRY(const auto signed_in, sign_in_to_bluesky(context, options, service));
  LINNET_TRY(const auto instance,
             observe::find_or_add_instance(*open.writer, service, "bluesky", context.clock.now()));
  LINNET_TRY(const auto id,
             open.accounts->add({"bluesky", instance, signed_in.did, signed_in.handle, "", ""},
                                signed_in.credentials, expected, signed_in_by_hand(context, "bluesky")));
  say_signed_in(context, id, service, signed_in.handle);
  return {};
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

Status add(Context& context, const AddOptions& options) {
  if (options.platform == "bluesky") return add_bluesky(context, options);
  if (options.platform != "mastodon")
    return invalid(fmt::format("PLATFORM: expected mastodon or bluesky, got \"{}\"", options.platform));
  LINNET_TRY(const auto base_url, named("ADDRESS", net::normalise_instance_url(options.address)));
  for (const auto& stream : options.streams) {
    LINNET_TRY(const auto kind, mastodon::StreamKind::parse(stream));
    (void)kind;
  }
  LINNET_TRY(auto open, open_accounts(context));
  LINNET_CHECK(refuse_new_account(open, options, base_url));
  LINNET_TRY(const auto expected, expected_account(open, options));
  net::CurlTransport transport;
  connect::RequestBudget budget(context.clock);
  const auto scopes = options.acts ? mastodon::kActingScopes : mastodon::kScopes;
  mastodon::OAuth oauth(transport, budget, base_url, scopes,
                        govern::kept_apps(*open.database, *open.writer, context.clock, open.box, base_url,
                                          scopes, person_at_terminal().name));
  LINNET_TRY(const auto signed_in, sign_in(oauth, options));
  LINNET_TRY(const auto instance,
             observe::find_or_add_instance(*open.writer, base_url, "mastodon", context.clock.now()));
  connect::Credentials credentials;
  credentials.token = signed_in.token;
  credentials.client_id = signed_in.app.client_id;
  credentials.client_secret = signed_in.app.client_secret;
  // What a pasted token allows only its maker knows.
  LINNET_TRY(const auto id,
             open.accounts->add(
                 {"mastodon", instance, signed_in.account.id, signed_in.account.username,
                  signed_in.account.display_name, options.has_token ? std::string() : std::string(scopes)},
                 credentials, expected, signed_in_by_hand(context, "mastodon")));
  const mastodon::ApiOptions server{base_url, signed_in.token};
  mastodon::ActingMastodon acting(transport, budget, context.clock, server, signed_in.account.id);
  LINNET_CHECK(learn_limits(context, open, acting, id));
  LINNET_TRY(const auto streams, streams_to_watch(open, options, instance));
  for (const auto& stream : streams) {
    LINNET_TRY(const auto watch, open.accounts->add_watch(instance, id, stream));
    (void)watch;
  }
  say_signed_in(context, id, base_url, signed_in.account.username);
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
  add_command->add_option("PLATFORM", options->platform, "mastodon or bluesky")->required();
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
