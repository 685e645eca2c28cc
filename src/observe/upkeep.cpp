#include "observe/upkeep.hpp"

#include "base/clock.hpp"
#include "base/log.hpp"
#include "connect/event_reader.hpp"
#include "connect/person_eraser.hpp"
#include "connect/private_lines.hpp"
#include "observe/event_log.hpp"
#include "observe/mend_posts.hpp"
#include "observe/replay.hpp"
#include "observe/rewrite_log.hpp"

namespace linnet::observe {
namespace {

constexpr std::string_view kReadOtherwise = "posts are read otherwise, 1";

Status mark_done(store::Connection& log) {
  LINNET_TRY(auto transaction, store::Transaction::begin(log));
  LINNET_CHECK(
      store::run(log, "INSERT INTO log_upkeep (name, done_at) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING",
                 {kReadOtherwise, to_micros(SystemClock().now())}));
  return transaction.commit();
}

std::optional<RewrittenEvent> without_messages(const LoggedEvent& event, connect::EventReader& reader) {
  using Kept = connect::KeptLine::Kept;
  constexpr auto kWidest = model::Reach::addressed;
  if (!connect::may_be_private(event.line, kWidest)) return {};
  auto kept = connect::without_private(event.line, kWidest);
  if (kept.kept == Kept::whole) return {};
  if (kept.kept == Kept::nothing) return RewrittenEvent{connect::blank_line(event.received_at), "erased", ""};
  Arena arena;
  const auto read = reader.read(kept.line, event.received_at, arena);
  return RewrittenEvent{std::move(kept.line), std::string(event.type), std::string(read.status_id)};
}

Result<std::int64_t> take_messages_out_of_log(store::Connection& log) {
  connect::EventReader reader;
  return rewrite_events(log, EventId(0),
                        [&](const LoggedEvent& event) -> Result<std::optional<RewrittenEvent>> {
                          return without_messages(event, reader);
                        });
}

// As far back as the log goes the tables follow from it; what is older is mended where it stands.
Status read_again(store::Database& database, store::Writer& writer, const ProjectorOptions& options,
                  bool is_whole) {
  if (is_whole) {
    const auto replayed = replay(database, writer, options, {});
    if (replayed) return {};
    log::warn("the log could not be read again: {}; the posts are mended where they stand",
              replayed.error().safe);
  }
  LINNET_TRY(const auto mended, mend_posts(writer));
  log::info("{} posts were mended", mended);
  return {};
}

}  // namespace

Status put_right_once(store::Database& database, const std::function<ProjectorOptions()>& options) {
  LINNET_TRY(auto log, database.connect(store::Part::log));
  LINNET_TRY(const auto done,
             store::query_integer(*log, "SELECT count(*) FROM log_upkeep WHERE name = $1", {kReadOtherwise}));
  if (done.value_or(0) > 0) return {};
  LINNET_TRY(const auto last, last_logged(*log));
  if (last.value() == 0) return mark_done(*log);
  log::info("this database is of an older version: what it holds is put right once, which may take minutes");
  LINNET_TRY(auto writer, store::Writer::start(database));
  LINNET_TRY(const auto posts, remove_messages(database, *writer));
  const auto lines = take_messages_out_of_log(*log);
  if (!lines) {
    // A log that is damaged keeps nobody from their posts; it is tried again once it is whole.
    log::warn("the log could not be searched for direct messages: {}", lines.error().safe);
    return {};
  }
  if (*lines > 0 || posts > 0)
    log::info("direct messages do not belong among posts: {} left the log, {} the tables", *lines, posts);
  LINNET_TRY(const auto first, first_logged(*log));
  LINNET_CHECK(read_again(database, *writer, options(), first.value() == 1));
  return mark_done(*log);
}

}  // namespace linnet::observe
