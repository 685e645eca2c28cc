#include "store/notices.hpp"

#include <fmt/format.h>
#include <poll.h>

#include <thread>

#include "base/log.hpp"
#include "store/postgres/give_up.hpp"
#include "store/postgres/postgres_connection.hpp"

namespace linnet::store {
namespace {

constexpr auto kMostNoticeSilence = std::chrono::seconds(5);
constexpr int kLookMilliseconds = 200;
// A connection that nothing goes through is cut by firewalls, and its end is not noticed.
constexpr int kNoticeLooksBetweenWords = 75;

struct FreeNotify {
  void operator()(PGnotify* notify) const { PQfreemem(notify); }
};

// Several schemas may share a database, and each is a Linnet of its own.
constexpr std::string_view kChannel =
    "'linnet_' || $1::text || '_' || (hashtext(current_schema())::bigint & 4294967295)";

class PostgresListener final : public NoticeListener {
 public:
  PostgresListener(std::unique_ptr<Connection> connection, std::string topic, Handlers handlers)
      : connection_(std::move(connection)), topic_(std::move(topic)), handlers_(std::move(handlers)) {}

  Status listen() {
    if (auto* const handle = this->handle()) give_up_after(PQsocket(handle), kMostNoticeSilence);
    LINNET_TRY(const auto channel, query_text(*connection_, fmt::format("SELECT {}", kChannel), {topic_}));
    LINNET_CHECK(connection_->execute(fmt::format("LISTEN \"{}\"", channel.value_or(""))));
    is_listening_ = true;
    return {};
  }

  void run() {
    thread_ = std::jthread([this](const std::stop_token& stop) { hear(stop); });
  }

 private:
  [[nodiscard]] PGconn* handle() const {
    auto* const postgres = dynamic_cast<PostgresConnection*>(connection_.get());
    return postgres != nullptr ? postgres->handle() : nullptr;
  }

  void hear(const std::stop_token& stop) {
    for (int looks = 1; !stop.stop_requested(); ++looks) {
      pollfd waiting{PQsocket(handle()), POLLIN, 0};
      ::poll(&waiting, 1, kLookMilliseconds);
      if (looks % kNoticeLooksBetweenWords == 0) (void)connection_->execute("SELECT 1");
      if (!connection_->is_alive()) is_listening_ = false;
      if (!is_listening_) {
        begin_anew(stop);
        continue;
      }
      while (const std::unique_ptr<PGnotify, FreeNotify> notice{PQnotifies(handle())})
        handlers_.on_notice(notice->extra);
    }
  }

  void begin_anew(const std::stop_token& stop) {
    if (stop.stop_requested()) return;
    const auto again = connection_->is_alive() ? Status() : connection_->reconnect();
    if (again && listen()) return handlers_.on_missed();
    std::this_thread::sleep_for(std::chrono::milliseconds(kLookMilliseconds));
  }

  std::unique_ptr<Connection> connection_;
  const std::string topic_;
  const Handlers handlers_;
  bool is_listening_ = false;  // a connection that is there again may not be yet
  std::jthread thread_;        // last: it uses the others
};

class NobodyElse final : public NoticeListener {};

}  // namespace

Status send_notice(Connection& connection, std::string_view topic, std::string_view text) {
  if (connection.engine() != Engine::postgres) return {};
  return for_each_row(connection, fmt::format("SELECT pg_notify({}, $2::text)::text", kChannel),
                      {topic, text}, [](const Statement&) {});
}

Result<std::unique_ptr<NoticeListener>> NoticeListener::start(Database& database, std::string_view topic,
                                                              Handlers handlers) {
  if (database.engine() != Engine::postgres)
    return std::unique_ptr<NoticeListener>(std::make_unique<NobodyElse>());
  LINNET_TRY(auto connection, database.connect_or_give_up(Part::tables));
  auto listener =
      std::make_unique<PostgresListener>(std::move(connection), std::string(topic), std::move(handlers));
  LINNET_CHECK(listener->listen());
  listener->run();
  return std::unique_ptr<NoticeListener>(std::move(listener));
}

}  // namespace linnet::store
