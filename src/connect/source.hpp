// What comes in of one watched server, or of a network that is watched as a whole.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.hpp"
#include "connect/connector_health.hpp"
#include "connect/event_sink.hpp"
#include "connect/person_wish.hpp"
#include "connect/platform_settings.hpp"
#include "connect/request_budget.hpp"
#include "connect/server_access.hpp"
#include "store/writer.hpp"

namespace linnet::connect {

// Who follows an account, and whom it follows: how many of each were read.
struct FollowsRead {
  std::size_t followers = 0;
  std::size_t following = 0;
};

// Follows one stream, or several on one connection.
class StreamReader {
 public:
  virtual ~StreamReader() = default;
  // Blocks until stopped, or until the sink takes nothing more. Call once.
  virtual void run(const std::stop_token& stop) = 0;
  // From any thread.
  [[nodiscard]] virtual ConnectorHealth health() const = 0;
  // Goes over to these streams, on the same connection. From any thread.
  virtual Status watch(const std::set<std::string>& streams);
};

// Called with each event and its line (make_event_line) of what is watched, from a while before the last
// run's place was saved: what the reader sees again is not to be handed on again.
using OnLogged = std::function<Status(std::string_view event, std::string_view line)>;

// Where a reader takes up, and where it hands on what it sees.
struct ReaderPlace {
  EventSink& sink;                    // outlives the reader
  std::optional<std::string> cursor;  // where the last run came to; nullopt on the first start
  std::function<Status(const OnLogged&)> each_logged_lately;  // used before open() returns; empty: nothing is
};

// What is watched of one server, or of a network as a whole: what its readers share. Thread-safe. Nothing
// runs in it by itself: whoever has it gives each reader a thread.
class Source {
 public:
  virtual ~Source() = default;
  // Streams of the same connection are followed by one reader.
  [[nodiscard]] virtual std::string connection_of(const std::string& stream) const = 0;
  // What is shown of the reader of these streams while it does not run. `id` is the name under which its
  // place is kept. `invalid` for what is no stream.
  [[nodiscard]] virtual Result<ConnectorHealth> at_rest(const std::set<std::string>& streams) const = 0;
  // The source outlives the reader. `streams` are of one connection.
  virtual Result<std::unique_ptr<StreamReader>> open(const std::set<std::string>& streams,
                                                     ReaderPlace place) = 0;

  // Whether counts of young posts, and follows, are to be asked for by the clock.
  [[nodiscard]] virtual bool is_asked_by_the_clock() const { return false; }
  // How many counts that were due were read.
  virtual Result<std::size_t> read_counts(const std::stop_token& stop);
  virtual Result<FollowsRead> read_follows(const PlatformUserId& account, const std::stop_token& stop);
};

// What a source needs of the program. All references, and what the functions use, outlive it.
struct SourceNeeds {
  store::Database& database;
  store::Writer& writer;
  Clock& clock;
  RequestBudget& budget;  // of the server and the account
  PlatformSettings settings;
  InstanceId instance{};
  std::string base_url;
  std::string token;  // of the account that reads; empty: read as a guest
  std::function<std::unique_ptr<EventSink>(const std::string& reader)> make_sink;  // for one reader
  std::function<double()> random;                                                  // from 0 to 1
  std::function<void(const ConnectorHealth&)> on_change;
  HeedWish heed_wish = {};  // empty: nobody is offered a command
};

struct BackfillWanted {
  std::string timeline;  // a stream, or account:NAME for all that one account has posted
  std::optional<std::string> resume;
  std::size_t most = 0;  // posts in this run; 0 for all there are
};

struct BackfillProgress {
  std::size_t read = 0;
  std::string reached;   // id of the oldest post so far
  bool is_done = false;  // the server has nothing older
};

struct SourceDoor {
  // Streams are watched in the name of an account that is signed in there; else by anybody, of the network
  // as a whole.
  bool needs_account = true;
  std::string_view default_stream;  // of a server that is new here; empty: none
  // The stream under the name it is kept by; a server is asked where that depends on whom it names. `invalid`
  // for what is no stream.
  Result<std::string> (*settle_stream)(const ServerAccess& server, const std::string& stream,
                                       const std::stop_token& stop) = nullptr;
  Result<std::unique_ptr<Source>> (*make)(const SourceNeeds& needs) = nullptr;
  // Null: not to be had. An `on_progress` that is not empty is called after each page.
  Result<BackfillProgress> (*backfill)(const ServerAccess& server, const std::string& token,
                                       const BackfillWanted& wanted, EventSink& sink,
                                       const std::function<double()>& random,
                                       const std::function<void(const BackfillProgress&)>& on_progress,
                                       const std::stop_token& stop) = nullptr;
  Result<FollowsRead> (*read_follows)(const ServerAccess& server, const std::string& token,
                                      store::Writer& writer, InstanceId instance,
                                      const PlatformUserId& account, const std::stop_token& stop) = nullptr;
};

}  // namespace linnet::connect
