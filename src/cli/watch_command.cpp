#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <map>

#include "cli/context.hpp"
#include "cli/output.hpp"
#include "connect/account_store.hpp"
#include "connect/bluesky/jetstream_interest.hpp"
#include "connect/bluesky/resolve_handle.hpp"
#include "govern/platforms.hpp"
#include "net/curl_transport.hpp"
#include "net/url.hpp"
#include "observe/ingest.hpp"

namespace linnet::cli {
namespace {

namespace bluesky = connect::bluesky;

struct WatchOptions {
  std::string platform;
  std::string address = "https://bsky.social";
  std::vector<std::string> streams;
  std::int64_t id = 0;
};

struct OpenWatches {
  std::unique_ptr<store::Database> database;
  std::unique_ptr<store::Writer> writer;
  std::unique_ptr<connect::AccountStore> accounts;
};

Result<OpenWatches> open_watches(Context& context) {
  OpenWatches open;
  LINNET_TRY(open.database, open_store(context.options));
  LINNET_TRY(open.writer, store::Writer::start(*open.database));
  LINNET_TRY(const auto box, SecretBox::open(context.options.data));
  open.accounts = std::make_unique<connect::AccountStore>(*open.database, *open.writer, context.clock, box);
  return open;
}

// account:ada.bsky.social as account:did:plc:…, which stays when the handle changes.
Result<std::string> with_did(Context& context, const std::string& service, const std::string& stream) {
  constexpr std::string_view kAccount = "account:";
  if (!stream.starts_with(kAccount) || stream.starts_with("account:did:")) return stream;
  auto handle = stream.substr(kAccount.size());
  if (handle.starts_with('@')) handle.erase(0, 1);
  net::CurlTransport transport;
  connect::RequestBudget budget(context.clock);
  LINNET_TRY(const auto did, bluesky::resolve_handle(transport, budget, service, handle, {}));
  return fmt::format("{}{}", kAccount, did);
}

Status add(Context& context, const WatchOptions& options) {
  if (options.platform == "mastodon")
    return invalid(
        "PLATFORM: a Mastodon server is watched with: linnet account add mastodon ADDRESS --stream …");
  if (options.platform != "bluesky")
    return invalid(fmt::format("PLATFORM: expected bluesky, got \"{}\"", options.platform));
  LINNET_TRY(const auto base_url, net::normalise_instance_url(options.address));
  LINNET_TRY(auto open, open_watches(context));
  {
    LINNET_TRY(auto reader, open.database->reader());
    LINNET_TRY(const bool is_on, govern::is_platform_on(*reader, options.platform));
    if (!is_on) return Error::of(ErrorKind::denied, govern::platform_off_reason(options.platform));
  }
  std::vector<std::string> streams;
  for (const auto& stream : options.streams) {
    LINNET_TRY(const auto named, with_did(context, base_url, stream));
    LINNET_TRY(auto name, bluesky::normalise_stream(named));
    streams.push_back(std::move(name));
  }
  LINNET_TRY(const auto instance,
             observe::find_or_add_instance(*open.writer, base_url, "bluesky", context.clock.now()));
  boost::json::array added;
  for (const auto& stream : streams) {
    LINNET_TRY(const auto id, open.accounts->add_watch(instance, std::nullopt, stream));
    added.push_back(boost::json::object{{"id", id.value()}, {"instance", base_url}, {"stream", stream}});
    if (!context.options.json) fmt::print("Watching {} of {}.\n", stream, base_url);
  }
  if (context.options.json) print_json(added);
  return {};
}

struct Instance {
  std::string platform;
  std::string base_url;
};

Result<std::map<std::int64_t, Instance>> read_instances(store::Database& database) {
  LINNET_TRY(auto reader, database.reader());
  std::map<std::int64_t, Instance> instances;
  LINNET_CHECK(store::for_each_row(
      *reader, "SELECT id, platform, base_url FROM instances", {}, [&](const store::Statement& row) {
        instances[row.integer(0)] = {std::string(row.text(1)), std::string(row.text(2))};
      }));
  return instances;
}

Status list(Context& context) {
  LINNET_TRY(auto open, open_watches(context));
  LINNET_TRY(const auto watches, open.accounts->list_watches());
  LINNET_TRY(auto instances, read_instances(*open.database));
  boost::json::array items;
  Table table({"id", "platform", "server", "stream", "active"});
  for (const auto& watch : watches) {
    const auto& instance = instances[watch.instance.value()];
    items.push_back(boost::json::object{{"id", watch.id.value()},
                                        {"platform", instance.platform},
                                        {"instance", instance.base_url},
                                        {"stream", watch.stream},
                                        {"is_active", watch.is_active},
                                        {"created_at", to_iso8601(watch.created_at)}});
    table.add({std::to_string(watch.id.value()), instance.platform, instance.base_url, watch.stream,
               watch.is_active ? "yes" : "no"});
  }
  if (context.options.json) {
    print_json(items);
  } else {
    table.print("nothing is watched yet; linnet watch add bluesky --stream hashtag:… begins");
  }
  return {};
}

Status change(Context& context, const std::function<Status(connect::AccountStore&)>& what) {
  LINNET_TRY(auto open, open_watches(context));
  return what(*open.accounts);
}

void add_change(CLI::App& watch, Context& context, const std::string& name, const std::string& help,
                const std::shared_ptr<WatchOptions>& options,
                Status (*apply)(connect::AccountStore&, connect::WatchId)) {
  auto* const command = watch.add_subcommand(name, help);
  command->add_option("ID", options->id, "Its id, as linnet watch list shows it")->required();
  command->callback([&context, options, apply] {
    context.action = [&context, options, apply] {
      return change(context, [&](connect::AccountStore& accounts) {
        return apply(accounts, connect::WatchId(options->id));
      });
    };
  });
}

}  // namespace

void add_watch_command(CLI::App& program, Context& context) {
  auto* const watch =
      program.add_subcommand("watch", "What is watched, and watching Bluesky without an account");
  watch->require_subcommand(1);
  const auto options = std::make_shared<WatchOptions>();
  auto* const add_command = watch->add_subcommand(
      "add",
      "Watch hashtags or accounts of Bluesky\n\n  linnet watch add bluesky --stream hashtag:books "
      "--stream account:ada.bsky.social");
  add_command->add_option("PLATFORM", options->platform, "bluesky")->required();
  add_command->add_option("ADDRESS", options->address, "A server of the network, which knows the handles")
      ->capture_default_str();
  add_command
      ->add_option(
          "--stream", options->streams,
          "hashtag:NAME, account:HANDLE, account:DID, or public: all there is, millions of posts a day")
      ->required();
  add_command->callback(
      [&context, options] { context.action = [&context, options] { return add(context, *options); }; });
  watch->add_subcommand("list", "What is watched")->callback([&context] {
    context.action = [&context] { return list(context); };
  });
  add_change(*watch, context, "pause", "Stop watching it for a time", options,
             [](connect::AccountStore& accounts, connect::WatchId id) {
               return accounts.set_watch_active(id, false);
             });
  add_change(*watch, context, "resume", "Take it up again", options,
             [](connect::AccountStore& accounts, connect::WatchId id) {
               return accounts.set_watch_active(id, true);
             });
  add_change(*watch, context, "remove", "Watch it no longer; posts stay", options,
             [](connect::AccountStore& accounts, connect::WatchId id) { return accounts.remove_watch(id); });
}

}  // namespace linnet::cli
