// Reading more than the live stream: what was posted before, and who follows whom.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <random>

#include "cli/context.hpp"
#include "cli/output.hpp"
#include "connect/account_store.hpp"
#include "connect/every_platform.hpp"
#include "govern/key_guard.hpp"
#include "govern/platforms.hpp"
#include "model/instances.hpp"
#include "net/curl_transport.hpp"
#include "observe/ingest_sink.hpp"

namespace linnet::cli {
namespace {

struct BackfillOptions {
  std::string account;
  std::string timeline = "public";
  std::size_t limit = 1'000;
  bool restart = false;
};

// An account of the user's, and the way to its server.
struct OpenAccount {
  std::unique_ptr<store::Database> database;
  std::unique_ptr<store::Writer> writer;
  connect::Account account;
  std::string base_url;
  std::unique_ptr<net::CurlTransport> transport;
  std::unique_ptr<connect::RequestBudget> budget;
  std::string token;
  const connect::PlatformDoor* door = nullptr;

  [[nodiscard]] connect::ServerAccess server(Clock& clock) const {
    return {*transport, *budget, clock, base_url};
  }
};

Result<OpenAccount> open_account(Context& context, const std::string& name) {
  OpenAccount open;
  LINNET_TRY(open.database, open_store(context.options));
  LINNET_TRY(open.writer, store::Writer::start(*open.database));
  LINNET_TRY(const auto box, govern::open_secret_box(*open.database, context.options.data));
  connect::AccountStore accounts(*open.database, *open.writer, context.clock, box);
  LINNET_TRY(open.account, accounts.find(name));
  {
    LINNET_TRY(auto reader, open.database->reader());
    LINNET_TRY(const bool is_on, govern::is_platform_on(*reader, open.account.platform));
    if (!is_on) return Error::of(ErrorKind::denied, govern::platform_off_reason(open.account.platform));
  }
  LINNET_TRY(const auto credentials, accounts.credentials(open.account.id));
  LINNET_TRY(auto reader, open.database->reader());
  LINNET_TRY(open.base_url, model::address_of(*reader, open.account.instance));
  open.transport = std::make_unique<net::CurlTransport>();
  open.budget = std::make_unique<connect::RequestBudget>(context.clock);
  open.token = credentials.token;
  LINNET_TRY(open.door, connect::platform_named("platform", open.account.platform));
  return open;
}

Error cannot_read(const OpenAccount& open, std::string_view what) {
  return invalid(fmt::format("ACCOUNT: {} of {} cannot be read yet", what, open.door->display_name));
}

double random_share() {
  thread_local std::mt19937_64 engine{std::random_device{}()};
  return std::uniform_real_distribution<>(0, 1)(engine);
}

Status read_before(Context& context, const BackfillOptions& options) {
  LINNET_TRY(auto open, open_account(context, options.account));
  const auto backfill = open.door->sources.backfill;
  if (backfill == nullptr) return cannot_read(open, "what was posted before");
  connect::BackfillWanted wanted{options.timeline, {}, options.limit};
  const auto connector = fmt::format("{} backfill {}", open.base_url, options.timeline);
  if (!options.restart) {
    LINNET_TRY(auto reader, open.database->reader());
    LINNET_TRY(wanted.resume, observe::load_cursor(*reader, connector));
  }
  LINNET_TRY(auto ingest,
             observe::Ingest::start(*open.database, *open.writer, context.clock, ingest_options_of(context)));
  observe::IngestSink sink(*ingest, open.account.instance, connector);
  Progress shown("Reading " + options.timeline, !context.options.quiet && !context.options.json);
  LINNET_TRY(const auto progress, backfill(open.server(context.clock), open.token, wanted, sink, random_share,
                                           [&](const connect::BackfillProgress& now) {
                                             shown.show(now.read, options.limit, "posts");
                                           },
                                           {}));
  LINNET_CHECK(ingest->drain());
  if (context.options.json) {
    print_json(boost::json::object{
        {"read", progress.read}, {"reached", progress.reached}, {"is_done", progress.is_done}});
  } else {
    fmt::print("{} read. {}\n", counted(static_cast<std::int64_t>(progress.read), "post"),
               progress.is_done ? "The server has nothing older." : "The same command goes on from there.");
  }
  return {};
}

Status follows(Context& context, const std::string& name) {
  LINNET_TRY(auto open, open_account(context, name));
  const auto read_follows = open.door->sources.read_follows;
  if (read_follows == nullptr) return cannot_read(open, "who follows whom");
  LINNET_TRY(const auto read,
             read_follows(open.server(context.clock), open.token, *open.writer, open.account.instance,
                          PlatformUserId(open.account.platform_user_id), {}));
  if (context.options.json) {
    print_json(boost::json::object{{"followers", read.followers}, {"following", read.following}});
  } else {
    fmt::print("{}, {} followed.\n", counted(static_cast<std::int64_t>(read.followers), "follower"),
               with_separators(static_cast<std::int64_t>(read.following)));
  }
  return {};
}

}  // namespace

void add_account_read_commands(CLI::App& account, Context& context) {
  const auto options = std::make_shared<BackfillOptions>();
  auto* const command = account.add_subcommand(
      "backfill",
      "Read what was posted before\n\n  linnet account backfill ada --timeline hashtag:books --limit 5000");
  command->add_option("ACCOUNT", options->account, "The id or username of an account of yours")->required();
  command
      ->add_option(
          "--timeline", options->timeline,
          "public, public:local, public:remote, hashtag:NAME, list:ID, user, or account:NAME for all "
          "that one account has posted")
      ->capture_default_str();
  command->add_option("--limit", options->limit, "Most posts in this run; 0 for all there are")
      ->capture_default_str();
  command->add_flag("--restart", options->restart, "Begin again at the newest instead of going on");
  command->callback([&context, options] {
    context.action = [&context, options] { return read_before(context, *options); };
  });

  const auto name = std::make_shared<std::string>();
  auto* const follows_command =
      account.add_subcommand("follows", "Read who follows the account and whom it follows");
  follows_command->add_option("ACCOUNT", *name, "The id or username of an account of yours")->required();
  follows_command->callback(
      [&context, name] { context.action = [&context, name] { return follows(context, *name); }; });
}

}  // namespace linnet::cli
