#include "app/daemon.hpp"

#include <pthread.h>
#include <signal.h>

#include <thread>

#include "act/mention_opt_outs.hpp"
#include "analyze/followers.hpp"
#include "analyze/tag_activity.hpp"
#include "app/acting.hpp"
#include "app/chores.hpp"
#include "app/connectors.hpp"
#include "base/log.hpp"
#include "govern/platforms.hpp"
#include "net/url.hpp"

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
    connectors_.reset();  // nothing more comes in
    if (follower_.joinable()) follower_.join();
    if (hashtags_.joinable()) hashtags_.join();
    ingest_.reset();  // what came in is in the tables
    api_.reset();
  }

  Status run() {
    LINNET_CHECK(govern::fill_platforms(database_, clock_.now()));
    LINNET_TRY(writer_, store::Writer::start(database_));
    observe::IngestOptions ingest_options;
    ingest_options.redact_on_delete = options_.redact_on_delete;
    LINNET_TRY(ingest_, observe::Ingest::start(database_, *writer_, clock_, ingest_options,
                                               [this](const observe::AppliedBatch& batch) {
                                                 note_hashtags(batch);
                                                 if (auto* const api = live_api_.load())
                                                   api->on_applied(batch);
                                               }));
    people_ = std::make_unique<govern::People>(database_, *writer_, clock_);
    LINNET_CHECK(refuse_to_be_open());
    LINNET_TRY(acting_, Acting::start(database_, *writer_, clock_, options_.data, options_.bluesky_chat,
                                      options_.plc_directory));
    api::ApiDependencies dependencies{
        database_,
        *writer_,
        clock_,
        ingest_.get(),
        [this] { return connectors_ ? connectors_->health() : std::vector<connect::ConnectorHealth>(); },
        &tag_activity_,
        people_.get(),
        &acting_->accounts(),
        &acting_->gate(),
        &acting_->blocklist(),
        &acting_->box(),
        [this](const api::AccountSignIn& sign_in) { return acting_->add_account(sign_in); },
        options_.is_demo,
        options_.redact_on_delete,
        kVersion,
        [this](const connect::Account& account, act::NewAction& action) {
          return acting_->settle_names(account, action);
        },
        &acting_->browser_sign_ins()};
    LINNET_TRY(api_, api::ApiServer::start(std::move(dependencies),
                                           {options_.address, options_.port, options_.trusted_proxies}));
    live_api_ = api_.get();
    if (options_.connectors) {
      LINNET_TRY(connectors_,
                 Connectors::start(database_, *writer_, *ingest_, clock_, options_.data, options_.jetstream,
                                   [this](const connect::ConnectorHealth& health) {
                                     if (auto* const api = live_api_.load()) api->on_connector(health);
                                   }));
    }
    follower_ = std::jthread([this](const std::stop_token& stop) { follow(stop); });
    hashtags_ = std::jthread([this](const std::stop_token& stop) { follow_hashtags(stop); });
    return {};
  }

  [[nodiscard]] std::string url() const override { return api_->url(); }
  [[nodiscard]] observe::Ingest& ingest() override { return *ingest_; }
  [[nodiscard]] store::Writer& writer() override { return *writer_; }

 private:
  // Without a password everyone who reaches the program is its owner.
  Status refuse_to_be_open() {
    if (net::is_loopback_host(options_.address) || options_.address == "::1") return {};
    LINNET_TRY(const bool is_guarded, people_->has_passwords());
    if (is_guarded) return {};
    return Error::of(ErrorKind::denied,
                     "listen: " + options_.address +
                         " can be reached from elsewhere, and nobody has a password yet; make an admin first "
                         "(linnet user add NAME --role admin), or listen on 127.0.0.1");
  }

  void note_hashtags(const observe::AppliedBatch& batch) {
    using Kind = observe::AppliedChange::Kind;
    if (batch.others_wrote) tag_activity_.forget();
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
  // never wait long.
  void follow(const std::stop_token& stop) {
    constexpr std::int64_t kStep = 500;
    auto search = database_.connect(store::Part::search);
    if (!search) {
      log::error("search: {}", search.error().message);
      return;
    }
    Chores chores(database_, *writer_, clock_);
    while (!stop.stop_requested()) {
      const auto worked = step(**search, kStep);
      if (!worked) log::error("behind the tables: {}", worked.error().message);
      if (!worked && !(*search)->is_alive()) {
        if (const auto there = (*search)->reconnect(); !there)
          log::error("search: {}", there.error().message);
      }
      const bool again = worked && worked.value();
      if (!again) {
        if (const auto done = chores.run_due(); !done) log::error("chores: {}", done.error().message);
      }
      if (!again && !clock_.sleep_for(std::chrono::seconds(worked ? 1 : 10), stop)) return;
    }
  }

  Result<bool> step(store::Connection& search, std::int64_t most) {
    LINNET_TRY(auto reader, database_.reader());
    LINNET_TRY(const bool searched, analyze::follow_with_search(*reader, search, most));
    LINNET_TRY(const bool scored, analyze::follow_with_sentiment(*reader, *writer_, clock_, most));
    LINNET_TRY(const bool heeded,
               act::follow_mentions(
                   database_, *writer_, clock_,
                   [this](const govern::PersonKey& person) -> Status {
                     LINNET_TRY(const auto cancelled,
                                acting_->blocklist().opt_out(person, "asked for it in a post", "the person"));
                     (void)cancelled;
                     return {};
                   },
                   10 * most));
    return searched || scored || heeded;
  }

  store::Database& database_;
  Clock& clock_;
  const DaemonOptions options_;
  std::unique_ptr<store::Writer> writer_;
  std::unique_ptr<observe::Ingest> ingest_;
  std::unique_ptr<govern::People> people_;
  std::unique_ptr<Acting> acting_;
  std::unique_ptr<api::ApiServer> api_;
  std::atomic<api::ApiServer*> live_api_{nullptr};
  std::unique_ptr<Connectors> connectors_;
  analyze::TagActivity tag_activity_;
  std::jthread follower_;
  std::jthread hashtags_;
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
