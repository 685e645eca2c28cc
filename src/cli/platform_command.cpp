// The platforms: switched on and off, what each takes, and what is set lower.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "cli/acting_context.hpp"
#include "cli/output.hpp"
#include "govern/platform_capabilities.hpp"
#include "govern/platform_credentials.hpp"
#include "govern/platforms.hpp"

namespace linnet::cli {
namespace {

namespace json = boost::json;
using govern::PlatformStatus;

struct PlatformOptions {
  std::string name;
  govern::CapabilityKey capability;
  std::string value;
  std::optional<std::string> display_name;
  std::optional<std::string> description;
  std::optional<std::int64_t> priority;
};

struct OpenPlatforms {
  std::unique_ptr<store::Database> database;
  std::unique_ptr<store::Writer> writer;
};
Result<OpenPlatforms> open_platforms(Context& context) {
  OpenPlatforms open;
  LINNET_TRY(open.database, open_store(context.options));
  LINNET_TRY(open.writer, store::Writer::start(*open.database));
  return open;
}

Status list(Context& context) {
  LINNET_TRY(const auto database, open_store(context.options));
  LINNET_TRY(auto reader, database->reader());
  LINNET_TRY(const auto platforms, govern::list_platforms(*reader));
  json::array items;
  Table table({"name", "is", "status", "order", "description"});
  for (const auto& platform : platforms) {
    items.push_back(to_json(platform));
    table.add({platform.name, platform.display_name, std::string(to_string(platform.status)),
               std::to_string(platform.priority), shortened(platform.description, 60)});
  }
  if (context.options.json) {
    print_json(items);
  } else {
    table.print("no platforms");
  }
  return {};
}

void print_capabilities(const std::vector<govern::Capability>& capabilities) {
  Table table({"type", "name", "server", "value", "the platform says", "you set", "means"});
  for (const auto& one : capabilities) {
    table.add({one.type, one.name, one.server.empty() ? "all" : one.server, shortened(one.value, 30),
               one.is_active ? shortened(one.stated.value_or("nothing"), 30) : "nothing any more",
               shortened(one.set.value_or(""), 30), one.description});
  }
  table.print("");
}

Status show(Context& context, const PlatformOptions& options) {
  LINNET_TRY(const auto database, open_store(context.options));
  LINNET_TRY(auto reader, database->reader());
  LINNET_TRY(const auto platform, govern::find_platform(*reader, options.name));
  LINNET_TRY(const auto capabilities, govern::list_capabilities(*reader, platform.name));
  LINNET_TRY(const auto credentials, govern::list_platform_credentials(*reader, platform.name));
  if (context.options.json) {
    auto object = to_json(platform);
    json::array items;
    for (const auto& one : capabilities) items.push_back(to_json(one));
    object["capabilities"] = std::move(items);
    print_json(object);
    return {};
  }
  fmt::print("{} ({}): {}\n{}\n{}\n\n", platform.display_name, platform.name, to_string(platform.status),
             platform.description, counted(static_cast<std::int64_t>(credentials.size()), "credential"));
  print_capabilities(capabilities);
  return {};
}

// Writes with the name of whoever types.
Status write(Context& context,
             const std::function<Status(store::Connection&, const std::string& actor, Instant now)>& work) {
  LINNET_TRY(auto open, open_platforms(context));
  const auto actor = person_at_terminal().name;
  return open.writer->write(
      [&](store::Connection& connection) { return work(connection, actor, context.clock.now()); });
}

Status change(Context& context, const std::string& name, const govern::PlatformChange& change) {
  LINNET_CHECK(write(context, [&](store::Connection& connection, const std::string& actor, Instant now) {
    return govern::change_platform(connection, name, change, actor, now);
  }));
  if (context.options.quiet && !context.options.json) return {};
  LINNET_TRY(const auto database, open_store(context.options));
  LINNET_TRY(auto reader, database->reader());
  LINNET_TRY(const auto platform, govern::find_platform(*reader, name));
  if (context.options.json) {
    print_json(to_json(platform));
  } else {
    fmt::print("{} is {}.\n", platform.display_name, to_string(platform.status));
  }
  return {};
}

// What counts now, after a change.
Status say_capability(Context& context, const PlatformOptions& options) {
  if (context.options.json || context.options.quiet) return {};
  LINNET_TRY(const auto database, open_store(context.options));
  LINNET_TRY(auto reader, database->reader());
  LINNET_TRY(const auto capabilities, govern::list_capabilities(*reader, options.name));
  const auto& key = options.capability;
  for (const auto& one : capabilities) {
    if (one.type != key.type || one.name != key.name || one.server != key.server) continue;
    fmt::print("{} of {}{}: {} counts now{}.\n", one.name, options.name,
               one.server.empty() ? "" : fmt::format(" on {}", one.server),
               one.value.empty() ? "nothing" : one.value, one.set ? "" : ", as the platform says");
    return {};
  }
  fmt::print("What the platform says of {} counts again.\n", key.name);
  return {};
}

Status set(Context& context, const PlatformOptions& options) {
  LINNET_CHECK(write(context, [&](store::Connection& connection, const std::string& actor, Instant now) {
    return govern::set_capability(connection, options.name, options.capability, options.value, actor, now);
  }));
  return say_capability(context, options);
}

Status unset(Context& context, const PlatformOptions& options) {
  LINNET_CHECK(write(context, [&](store::Connection& connection, const std::string& actor, Instant now) {
    return govern::unset_capability(connection, options.name, options.capability, actor, now);
  }));
  return say_capability(context, options);
}

using Options = std::shared_ptr<PlatformOptions>;

CLI::App* add_for_platform(CLI::App& parent, const Options& options, const std::string& name,
                           const std::string& help) {
  auto* const command = parent.add_subcommand(name, help);
  command->add_option("PLATFORM", options->name, "mastodon, bluesky or discord")->required();
  return command;
}

void add_status_command(CLI::App& parent, Context& context, const std::string& name, const std::string& help,
                        PlatformStatus status) {
  const auto options = std::make_shared<PlatformOptions>();
  add_for_platform(parent, options, name, help)->callback([&context, options, status] {
    context.action = [&context, options, status] {
      govern::PlatformChange wanted;
      wanted.status = status;
      return change(context, options->name, wanted);
    };
  });
}

void add_change_command(CLI::App& parent, Context& context) {
  const auto options = std::make_shared<PlatformOptions>();
  auto* const command =
      add_for_platform(parent, options, "change", "Another name, description or place in lists");
  command->add_option("--display-name", options->display_name, "How people call it");
  command->add_option("--description", options->description, "What it is");
  command->add_option("--order", options->priority, "The lowest is shown first");
  command->callback([&context, options] {
    context.action = [&context, options] {
      return change(context, options->name,
                    {options->display_name, options->description, {}, options->priority});
    };
  });
}

CLI::App* add_for_capability(CLI::App& parent, const Options& options, const std::string& name,
                             const std::string& help) {
  auto* const command = add_for_platform(parent, options, name, help);
  command->add_option("TYPE", options->capability.type, "content, media, api or limits")->required();
  command->add_option("NAME", options->capability.name, "As linnet platform show names it")->required();
  command->add_option("--server", options->capability.server, "On this server alone: social.example");
  return command;
}

}  // namespace

void add_platform_command(CLI::App& program, Context& context) {
  auto* const platform =
      program.add_subcommand("platform", "The platforms, what they take, and what you set lower");
  platform->require_subcommand(1);
  platform->add_subcommand("list", "The platforms there are")->callback([&context] {
    context.action = [&context] { return list(context); };
  });
  const auto shown = std::make_shared<PlatformOptions>();
  add_for_platform(*platform, shown, "show", "What a platform can do and takes")->callback([&context, shown] {
    context.action = [&context, shown] { return show(context, *shown); };
  });
  add_status_command(*platform, context, "enable", "Read from it and act on it", PlatformStatus::active);
  add_status_command(*platform, context, "disable", "Nothing is read from it, nothing is sent to it",
                     PlatformStatus::inactive);
  add_status_command(*platform, context, "deprecate",
                     "What is there goes on; no accounts are added on further servers",
                     PlatformStatus::deprecated);
  add_change_command(*platform, context);
  const auto wanted = std::make_shared<PlatformOptions>();
  auto* const set_command =
      add_for_capability(*platform, wanted, "set",
                         "Set something lower than the platform does\n\n"
                         "  linnet platform set bluesky limits max_character_limit 280\n"
                         "  linnet platform set mastodon content polls no --server social.example");
  set_command
      ->add_option("VALUE", wanted->value, "A number, yes or no, or a list such as image/png, image/jpeg")
      ->required();
  set_command->callback(
      [&context, wanted] { context.action = [&context, wanted] { return set(context, *wanted); }; });
  const auto unwanted = std::make_shared<PlatformOptions>();
  add_for_capability(*platform, unwanted, "unset", "What the platform says counts again")
      ->callback([&context, unwanted] {
        context.action = [&context, unwanted] { return unset(context, *unwanted); };
      });
  add_platform_credential_commands(*platform, context);
}

}  // namespace linnet::cli
