// account list, remove.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "act/account_page.hpp"
#include "base/instant_words.hpp"
#include "cli/acting_context.hpp"
#include "cli/output.hpp"
#include "connect/revoke_sign_in.hpp"
#include "govern/account_changes.hpp"
#include "model/instances.hpp"
#include "net/curl_transport.hpp"
#include "store/record/json.hpp"

namespace linnet::cli {
namespace {

namespace json = boost::json;

// What a person has to know of it, most pressing first.
std::string state_in_words(const connect::Account& account, const act::AccountView& view, Instant now) {
  if (account.is_removed) return "removed";
  if (!account.is_active) return "switched off: linnet account on";
  if (view.credential_state != "ok") return "needs to sign in again: linnet account add";
  if (view.needs_human) return fmt::format("stopped ({}): linnet account resume", view.pause_reason);
  if (view.paused_until && *view.paused_until > now)
    return fmt::format("rests until {} ({})", in_words(*view.paused_until), view.pause_reason);
  return "ok";
}

Status list(Context& context, bool with_removed) {
  LINNET_TRY(auto open, open_acting(context));
  LINNET_TRY(const auto accounts, open.accounts->list());
  LINNET_TRY(auto reader, open.database->reader());
  json::array items;
  Table table({"username", "platform", "server", "state", "id"});
  for (const auto& account : accounts) {
    if (account.is_removed && !with_removed) continue;
    if (context.options.json) {
      LINNET_TRY(const auto page, act::account_page(*reader, account));
      items.push_back(record::to_json(page));
      continue;
    }
    LINNET_TRY(const auto acting, act::load_acting_account(*reader, account.id));
    const auto state = state_in_words(account, acting.view, context.clock.now());
    table.add({account.username, account.platform, acting.server, state, account.id.value()});
  }
  if (context.options.json) {
    print_json(items);
  } else {
    table.print("no accounts yet; linnet account add mastodon https://… adds one");
  }
  return {};
}

// What is left to do by hand; empty: the platform has ended the sign-in.
std::string end_sign_in(Context& context, OpenActing& open, const connect::Account& account,
                        const Result<connect::Credentials>& credentials) {
  if (!credentials) return {};
  auto reader = open.database->reader();
  if (!reader) return reader.error().safe;
  const auto url = model::address_of(**reader, account.instance);
  if (!url) return url.error().safe;
  net::CurlTransport transport;
  connect::RequestBudget budget(context.clock);
  const auto done =
      connect::revoke_sign_in(transport, budget, context.clock, account.platform, *url, *credentials, {});
  return done ? std::string() : done.error().safe;
}

Status remove(Context& context, const std::string& name) {
  LINNET_TRY(auto open, open_acting(context));
  LINNET_TRY(const auto account, open.accounts->find(name));
  const auto credentials = open.accounts->credentials(account.id);
  const govern::AccountChange change{account.id.value(), account.platform, person_at_terminal().name,
                                     context.clock.now()};
  std::int64_t cancelled = 0;
  LINNET_CHECK(open.accounts->remove(account.id, govern::account_removed(change, cancelled)));
  const auto left = end_sign_in(context, open, account, credentials);
  if (context.options.json) {
    print_json(json::object{{"removed", account.id.value()},
                            {"cancelled", cancelled},
                            {"sign_in_left", left.empty() ? json::value() : json::value(left)}});
  } else if (!context.options.quiet) {
    fmt::print("{} is removed; {} pending actions were cancelled. Posts that were read stay.\n",
               account.username, cancelled);
    if (!left.empty()) fmt::print("The sign-in itself was not ended: {}\n", left);
  }
  return {};
}

}  // namespace

void add_account_list_commands(CLI::App& account, Context& context) {
  const auto with_removed = std::make_shared<bool>(false);
  auto* const list_command = account.add_subcommand("list", "The accounts there are, and how they are");
  list_command->add_flag("--all", *with_removed, "With those that were removed and have acted");
  list_command->callback([&context, with_removed] {
    context.action = [&context, with_removed] { return list(context, *with_removed); };
  });
  const auto name = std::make_shared<std::string>();
  auto* const remove_command = account.add_subcommand(
      "remove", "Forget an account and what it watches; what it was still to do is cancelled, posts stay");
  remove_command->add_option("ACCOUNT", *name, "Its id or username")->required();
  remove_command->callback(
      [&context, name] { context.action = [&context, name] { return remove(context, *name); }; });
}

}  // namespace linnet::cli
