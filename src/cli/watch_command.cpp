#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <map>

#include "base/visible.hpp"
#include "cli/context.hpp"
#include "cli/output.hpp"
#include "connect/account_store.hpp"
#include "connect/every_platform.hpp"
#include "govern/key_guard.hpp"
#include "govern/platforms.hpp"
#include "model/instances.hpp"
#include "net/curl_transport.hpp"
#include "net/url.hpp"
#include "observe/ingest.hpp"

namespace linnet::cli {
namespace {

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
  LINNET_TRY(const auto box, govern::open_secret_box(*open.database, context.options.data));
  open.accounts = std::make_unique<connect::AccountStore>(*open.database, *open.writer, context.clock, box);
  return open;
}

std::string watched_without_account() {
  return connect::names_of_platforms(
      [](const connect::PlatformDoor& door) { return !door.sources.needs_account; });
}

Result<const connect::PlatformDoor*> door_for(const std::string& platform) {
  const auto* const door = connect::find_platform(platform);
  if (door == nullptr)
    return invalid(
        fmt::format("PLATFORM: expected {}, got \"{}\"", watched_without_account(), visible(platform)));
  if (!door->sources.needs_account) return door;
  return invalid(
      fmt::format("PLATFORM: a {} server is watched with: linnet account add {} ADDRESS --stream …",
                  door->display_name, door->name));
}

Status add(Context& context, const WatchOptions& options) {
  LINNET_TRY(const auto* const door, door_for(options.platform));
  LINNET_TRY(const auto base_url, named("ADDRESS", net::normalise_instance_url(options.address)));
  LINNET_TRY(auto open, open_watches(context));
  {
    LINNET_TRY(auto reader, open.database->reader());
    LINNET_TRY(const bool is_on, govern::is_platform_on(*reader, options.platform));
    if (!is_on) return Error::of(ErrorKind::denied, govern::platform_off_reason(options.platform));
  }
  std::vector<std::string> streams;
  net::CurlTransport transport;
  connect::RequestBudget budget(context.clock);
  const connect::ServerAccess server{transport, budget, context.clock, base_url};
  for (const auto& stream : options.streams) {
    LINNET_TRY(auto name, door->sources.settle_stream(server, stream, {}));
    streams.push_back(std::move(name));
  }
  LINNET_TRY(const auto instance,
             observe::find_or_add_instance(*open.writer, base_url, door->name, context.clock.now()));
  boost::json::array added;
  for (const auto& stream : streams) {
    LINNET_TRY(const auto id, open.accounts->add_watch(instance, std::nullopt, stream));
    added.push_back(boost::json::object{{"id", id.value()}, {"instance", base_url}, {"stream", stream}});
    if (!context.options.json) fmt::print("Watching {} of {}.\n", stream, base_url);
  }
  if (context.options.json) print_json(added);
  return {};
}

Result<std::map<InstanceId, model::Instance>> read_instances(store::Database& database) {
  LINNET_TRY(auto reader, database.reader());
  LINNET_TRY(auto all, model::list_instances(*reader));
  std::map<InstanceId, model::Instance> by_id;
  for (auto& instance : all) by_id[instance.id] = std::move(instance);
  return by_id;
}

Status list(Context& context) {
  LINNET_TRY(auto open, open_watches(context));
  LINNET_TRY(const auto watches, open.accounts->list_watches());
  LINNET_TRY(auto instances, read_instances(*open.database));
  boost::json::array items;
  Table table({"id", "platform", "server", "stream", "active"});
  for (const auto& watch : watches) {
    const auto& instance = instances[watch.instance];
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

using Change = Status (*)(connect::AccountStore&, connect::WatchId);

Status change(Context& context, std::int64_t id, std::string_view becomes, Change apply) {
  LINNET_TRY(auto open, open_watches(context));
  LINNET_TRY(const auto watches, open.accounts->list_watches());
  LINNET_CHECK(apply(*open.accounts, connect::WatchId(id)));
  if (context.options.json || context.options.quiet) return {};
  for (const auto& watch : watches) {
    if (watch.id.value() == id) fmt::print("{} is {}.\n", watch.stream, becomes);
  }
  return {};
}

void add_change(CLI::App& watch, Context& context, const std::string& name, const std::string& help,
                const std::shared_ptr<WatchOptions>& options, const char* becomes, Change apply) {
  auto* const command = watch.add_subcommand(name, help);
  command->add_option("ID", options->id, "Its id, as linnet watch list shows it")->required();
  command->callback([&context, options, becomes, apply] {
    context.action = [&context, options, becomes, apply] {
      return change(context, options->id, becomes, apply);
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
  add_command->add_option("PLATFORM", options->platform, watched_without_account())->required();
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
  add_change(*watch, context, "pause", "Stop watching it for a time", options, "not watched for now",
             [](connect::AccountStore& accounts, connect::WatchId id) {
               return accounts.set_watch_active(id, false);
             });
  add_change(*watch, context, "resume", "Take it up again", options, "watched again",
             [](connect::AccountStore& accounts, connect::WatchId id) {
               return accounts.set_watch_active(id, true);
             });
  add_change(*watch, context, "remove", "Watch it no longer; posts stay", options, "watched no longer",
             [](connect::AccountStore& accounts, connect::WatchId id) { return accounts.remove_watch(id); });
}

}  // namespace linnet::cli
