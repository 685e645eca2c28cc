#include "app/daemon.hpp"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <thread>

#include "act/erased_actions.hpp"
#include "act/media_store.hpp"
#include "act/mention_opt_outs.hpp"
#include "analyze/followers.hpp"
#include "analyze/tag_activity.hpp"
#include "api/media_uploads.hpp"
#include "app/acting.hpp"
#include "app/connectors.hpp"
#include "app/follower_parts.hpp"
#include "app/job_handlers.hpp"
#include "app/other_processes.hpp"
#include "app/rooms/rooms.hpp"
#include "base/guarded.hpp"
#include "base/log.hpp"
#include "govern/clock_watch.hpp"
#include "govern/platforms.hpp"
#include "net/curl_transport.hpp"
#include "net/event_source.hpp"
#include "observe/salience/own_lines.hpp"
#include "store/leases.hpp"

namespace linnet::app {

const char* const kVersion = "0.1.0";

namespace {

class RunningDaemon final : public Daemon {
 public:
  RunningDaemon(store::Database& database, Clock& clock, DaemonOptions options)
      : database_(database), clock_(clock), options_(std::move(options)) {}

  ~RunningDaemon() override {
    follower_.request_stop();
    hashtags_.request_stop();
    if (jobs_) jobs_->ask_to_end();
    if (ingest_) ingest_->hasten();  // whoever waits for a full disk must not keep the program from ending
    // Whoever asks is answered from all that follows, so that it goes first; and nobody tells it anything
    // more.
    live_api_.with([](api::ApiServer*& api) { api = nullptr; });
    api_.reset();
    if (connectors_) connectors_->stop_following_plans();  // which asks for jobs
    jobs_.reset();  // the next run of the program goes on with what was at work
    live_connectors_ = nullptr;
    connectors_.reset();  // nothing more comes in
    if (follower_.joinable()) follower_.join();
    if (hashtags_.joinable()) hashtags_.join();
    others_.reset();
    ingest_.reset();  // what came in is in the tables
  }

  Status run() {
    LINNET_CHECK(govern::fill_platforms(database_, clock_.now()));
    LINNET_TRY(leases_, store::Leases::start(database_));
    LINNET_TRY(writer_, store::Writer::start(database_));
    observe::IngestOptions ingest_options;
    ingest_options.redact_on_delete = options_.redact_on_delete;
    ingest_options.keep_followers_only = options_.keep_followers_only;
    ingest_options.on_stopped = [] { kill(getpid(), SIGTERM); };
    LINNET_TRY(ingest_, observe::Ingest::start(database_, *writer_, clock_, ingest_options,
                                               [this](const observe::AppliedBatch& batch) {
                                                 note_hashtags(batch);
                                                 live_api_.with([&](api::ApiServer* api) {
                                                   if (api != nullptr) api->on_applied(batch);
                                                 });
                                               }));
    LINNET_CHECK(salience::tell_settings(database_, *ingest_, options_.salience_settings, clock_.now()));
    people_ = std::make_unique<govern::People>(database_, *writer_, clock_);
    LINNET_CHECK(govern::refuse_to_be_open(*people_, options_.address));
    LINNET_TRY(others_,
               OtherProcesses::start({database_, clock_, *leases_, *ingest_, *people_, tag_activity_}));
    LINNET_TRY(acting_, Acting::start(database_, *writer_, clock_, budgets_, *leases_, options_.data,
                                      options_.platforms));
    language_models_ = llm::make_language_models({.database = &database_,
                                                  .writer = writer_.get(),
                                                  .box = &acting_->box(),
                                                  .transport = &model_transport_,
                                                  .events = &model_events_,
                                                  .clock = &clock_});
    const auto uploads = uploads_folder();
    api::remove_broken_off_uploads(uploads);
    LINNET_CHECK(start_jobs());
    api::ApiDependencies dependencies{
        database_,
        *writer_,
        clock_,
        ingest_.get(),
        [this] {
          auto* const connectors = live_connectors_.load();
          return connectors != nullptr ? connectors->health() : std::vector<connect::ConnectorHealth>();
        },
        &tag_activity_,
        people_.get(),
        &acting_->accounts(),
        &acting_->gate(),
        &acting_->blocklist(),
        &acting_->box(),
        [this](const act::SecretSignIn& sign_in) { return acting_->add_account(sign_in); },
        options_.is_demo,
        options_.redact_on_delete,
        kVersion,
        [this](const connect::Account& account, act::NewAction& action) {
          return acting_->settle_names(account, action);
        },
        &acting_->browser_sign_ins(),
        uploads,
        &budgets_,
        &clock_watch_.trust(),
        [this] { jobs_->wake(); },
        [this] { return leases_->processes(); },
        route_families(),
        act::MediaStore(act::media_folder(options_.data)),
        language_models_.get(),
        (std::filesystem::path(options_.data) / "layers").string(),
        options_.salience};
    LINNET_TRY(api_, api::ApiServer::start(std::move(dependencies),
                                           {options_.address, options_.port, options_.trusted_proxies,
                                            options_.allowed_hosts, options_.allowed_origins}));
    live_api_.with([this](api::ApiServer*& api) { api = api_.get(); });
    if (options_.connectors) {
      LINNET_TRY(connectors_, Connectors::start(
                                  database_, *writer_, *ingest_, clock_, budgets_, *leases_, options_.data,
                                  options_.platforms,
                                  [this](const connect::ConnectorHealth& health) {
                                    live_api_.with([&](api::ApiServer* api) {
                                      if (api != nullptr) api->on_connector(health);
                                    });
                                  },
                                  [this](std::string_view kind, const std::set<std::string>& keys) {
                                    return jobs_->keep_only(kind, keys);
                                  }));
      live_connectors_ = connectors_.get();
    }
    follower_ = std::jthread([this](const std::stop_token& stop) { follow(stop); });
    hashtags_ = std::jthread([this](const std::stop_token& stop) { follow_hashtags(stop); });
    return {};
  }

  [[nodiscard]] std::string url() const override { return api_->url(); }
  [[nodiscard]] observe::Ingest& ingest() override { return *ingest_; }
  [[nodiscard]] store::Writer& writer() override { return *writer_; }
  [[nodiscard]] Status outcome() const override {
    const auto failure = ingest_->failure();
    return failure ? Status(*failure) : Status();
  }

 private:
  [[nodiscard]] std::string uploads_folder() const { return options_.data + "/uploads"; }

  // Before the API, whose requests wake them.
  Status start_jobs() {
    jobs::RunnerOptions options;
    options.is_alone = database_.engine() == store::Engine::sqlite;  // whoever serves has the files
    options.holder = leases_->process();
    options.is_gone = [this](const std::string& process) { return leases_->is_gone(process); };
    options.is_there = [this](const std::string& process) { return leases_->is_there(process); };
    options.on_change = [this](const jobs::Job& job) {
      live_api_.with([&](api::ApiServer* api) {
        if (api != nullptr) api->on_job(job);
      });
    };
    LINNET_TRY(
        jobs_,
        jobs::Runner::start(
            database_, *writer_, clock_,
            job_handlers({database_, *writer_, clock_, [this] { return clock_watch_.look(); }, *ingest_,
                          tag_activity_, *acting_, [this] { return live_connectors_.load(); }, options_.data,
                          uploads_folder(), options_.backups, options_.redact_on_delete,
                          options_.keep_posts_unengaged, language_models_.get(), options_.salience}),
            std::move(options)));
    return {};
  }

  void note_hashtags(const observe::AppliedBatch& batch) {
    using Kind = observe::AppliedChange::Kind;
    // On PostgreSQL what others applied is heard from them.
    const bool is_unheard = batch.others_wrote && database_.engine() == store::Engine::sqlite;
    if (batch.took_posts_away || batch.made_anew || is_unheard) tag_activity_.forget();
    for (const auto& change : batch.changes) {
      if (change.kind == Kind::edit || change.kind == Kind::deletion)
        tag_activity_.note_changed(change.instance, change.post.value());
    }
  }

  // What is rising is answered from memory; until that is filled, and beyond what it holds, from the tables.
  void follow_hashtags(const std::stop_token& stop) {
    do {
      auto reader = database_.reader();
      const auto done = reader ? tag_activity_.advance(**reader, clock_.now()) : Status(reader.error());
      if (!done) log::error("hashtags: {}", done.error().message);
    } while (clock_.sleep_for(std::chrono::milliseconds(200), stop));
  }

  // The search index, the sentiment of posts and what they ask of us, in small steps, so that live writes
  // never wait long. What people ask of us must not wait for a damaged search index.
  void follow(const std::stop_token& stop) {
    constexpr std::int64_t kStep = 500;
    std::unique_ptr<store::Connection> search;
    FollowerParts parts;
    const auto alone = [&](const std::string& name, FollowerParts::Step step) {
      parts.add(name, [claim = leases_->want("follower " + name), step = std::move(step)]() -> Result<bool> {
        return claim->may_work() ? step() : Result<bool>(false);
      });
    };
    alone("search", [&]() -> Result<bool> {
      if (search == nullptr) {
        LINNET_TRY(search, database_.connect(store::Part::search));
      }
      if (!search->is_alive()) LINNET_CHECK(search->reconnect());
      LINNET_TRY(auto reader, database_.reader());
      LINNET_TRY(const bool has_posts, analyze::follow_with_search(*reader, *search, kStep));
      LINNET_TRY(const bool has_messages, analyze::follow_messages_with_search(*reader, *search, kStep));
      return has_posts || has_messages;
    });
    alone("sentiment", [&]() -> Result<bool> {
      LINNET_TRY(auto reader, database_.reader());
      return analyze::follow_with_sentiment(*reader, *writer_, clock_, kStep);
    });
    alone("mentions", [&]() -> Result<bool> {
      return act::follow_mentions(database_, *writer_, clock_,
                                  act::opt_out_into(acting_->blocklist(), "in a post"), 10 * kStep);
    });
    alone("erased", [&]() -> Result<bool> {
      LINNET_CHECK(act::finish_erased_actions(database_, *writer_, clock_.now()));
      return false;
    });
    parts.add("uploads",
              [this, looked_at = std::chrono::steady_clock::time_point{}]() mutable -> Result<bool> {
                tidy_uploads(looked_at);
                return false;
              });
    while (!stop.stop_requested()) {
      clock_watch_.watch(*writer_);
      if (parts.step(std::chrono::steady_clock::now())) continue;
      if (!clock_.sleep_for(std::chrono::seconds(1), stop)) return;
    }
  }

  Status sweep_media() {
    LINNET_TRY(auto reader, database_.reader());
    return act::MediaStore(act::media_folder(options_.data)).sweep(*reader, clock_.now());
  }

  // The job does it in one process; each of several has a folder of its own.
  void tidy_uploads(std::chrono::steady_clock::time_point& looked_at) {
    const auto now = std::chrono::steady_clock::now();
    const bool is_due =
        looked_at.time_since_epoch().count() == 0 || now - looked_at > std::chrono::minutes(10);
    if (!is_due) return;
    looked_at = now;
    if (const auto done = sweep_media(); !done) log::warn("files of actions: {}", done.error().message);
    if (database_.engine() == store::Engine::sqlite) return;
    if (const auto doubt = clock_watch_.look(); doubt && doubt->empty())
      api::remove_old_uploads(uploads_folder(), clock_.now());
  }

  store::Database& database_;
  Clock& clock_;
  const DaemonOptions options_;
  govern::ClockWatch clock_watch_{database_, clock_, options_.let_pass};
  connect::RequestBudgets budgets_{
      clock_, {.sharers = [this] { return leases_ != nullptr ? leases_->processes() : 1; }}};
  std::unique_ptr<store::Leases> leases_;
  std::unique_ptr<store::Writer> writer_;
  std::unique_ptr<observe::Ingest> ingest_;
  std::unique_ptr<govern::People> people_;
  std::unique_ptr<Acting> acting_;
  net::CurlTransport model_transport_;
  net::CurlEventSource model_events_;
  std::unique_ptr<llm::LanguageModels> language_models_;
  std::unique_ptr<api::ApiServer> api_;
  Guarded<api::ApiServer*> live_api_{nullptr};  // while it may be told
  std::unique_ptr<Connectors> connectors_;
  std::atomic<Connectors*> live_connectors_{nullptr};  // while the API may ask
  std::unique_ptr<jobs::Runner> jobs_;
  analyze::TagActivity tag_activity_;
  std::jthread follower_;
  std::jthread hashtags_;
  std::unique_ptr<OtherProcesses> others_;
};

sigset_t stop_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  return signals;
}

}  // namespace

Result<std::unique_ptr<Daemon>> Daemon::start(store::Database& database, Clock& clock,
                                              const DaemonOptions& options) {
  auto daemon = std::make_unique<RunningDaemon>(database, clock, options);
  LINNET_CHECK(daemon->run());
  return std::unique_ptr<Daemon>(std::move(daemon));
}

void block_stop_signals() {
  const auto signals = stop_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
}

void wait_for_stop_signal() {
  const auto signals = stop_signals();
  int caught = 0;
  sigwait(&signals, &caught);
}

}  // namespace linnet::app
