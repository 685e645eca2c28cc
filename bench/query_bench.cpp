// What people and programs ask of a large database: query_bench DATABASE [EVENTS]
//
// Each question is asked through the functions that the API uses, warm, beside the plain SQL it could have
// been. With EVENTS, a stream dump, everything is asked a second time while that is taken in at full speed.
// Prints one JSON object a line: {"name","p50_ms","p99_ms"[,"during_ingest"]}.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "analyze/followers.hpp"
#include "analyze/post_list.hpp"
#include "analyze/tag_activity.hpp"
#include "analyze/velocity.hpp"
#include "base/log.hpp"
#include "connect/archive/line_reader.hpp"
#include "observe/import_events.hpp"
#include "store/migrations.hpp"

namespace {

using namespace linnet;
using std::chrono::hours;

struct Bench {
  store::Database& database;
  store::Connection& reader;
  analyze::TagActivity& activity;
  Instant at;
  std::string account, hashtag, word;
  bool during_ingest = false;
};

double milliseconds(const std::function<Status()>& ask, Status& status) {
  const auto start = std::chrono::steady_clock::now();
  status = ask();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

Status measure(const Bench& bench, std::string_view name, int times, const std::function<Status()>& ask) {
  std::vector<double> took;
  for (int i = 0; i < times; ++i) {
    Status status;
    took.push_back(milliseconds(ask, status));
    LINNET_CHECK(status);
  }
  if (times > 3) took.erase(took.begin());  // the first warms up
  std::sort(took.begin(), took.end());
  fmt::print(R"({{"name":"{}","p50_ms":{:.4f},"p99_ms":{:.4f},"during_ingest":{}}})"
             "\n",
             name, took[took.size() / 2], took[took.size() * 99 / 100], bench.during_ingest);
  std::fflush(stdout);
  return {};
}

Status ask_trends(const Bench& bench) {
  analyze::TrendQuestion ask;
  ask.at = bench.at;
  std::size_t found = 0;
  LINNET_CHECK(measure(bench, "trending, from memory", 200, [&]() -> Status {
    const auto tags = bench.activity.trending(ask);
    if (!tags) return Error::of(ErrorKind::internal, "trending: not held in memory");
    found = tags->size();
    return {};
  }));
  ask.method = analyze::TrendMethod::spike;
  LINNET_CHECK(measure(bench, "spiking, from memory", 200, [&]() -> Status {
    if (!bench.activity.trending(ask)) return Error::of(ErrorKind::internal, "spiking: not held in memory");
    return {};
  }));
  if (bench.during_ingest) return {};
  ask.method = analyze::TrendMethod::growth;
  LINNET_CHECK(measure(bench, "trending, from the tables", 5, [&]() -> Status {
    LINNET_TRY(const auto tags, analyze::trending_hashtags(bench.reader, ask));
    if (tags.size() != found) return Error::of(ErrorKind::internal, "trending: memory and tables differ");
    return {};
  }));
  return measure(bench, "trending, naive join", 3, [&]() -> Status {
    return store::for_each_row(
        bench.reader,
        "SELECT h.name, count(DISTINCT CASE WHEN p.created_at > $2 THEN p.id END) AS recent, "
        "count(DISTINCT CASE WHEN p.created_at <= $2 THEN p.id END) AS before, sum(p.engagement_score), "
        "count(DISTINCT p.account_id) FROM posts p JOIN post_hashtags t ON t.instance_id = p.instance_id AND "
        "t.post_id = p.id JOIN hashtags h ON h.id = t.hashtag_id WHERE p.created_at > $3 AND p.created_at <= "
        "$1 "
        "AND p.deleted_at IS NULL GROUP BY h.name HAVING count(DISTINCT CASE WHEN p.created_at > $2 THEN "
        "p.id END) >= 3 "
        "ORDER BY recent DESC LIMIT 20",
        {to_micros(bench.at), to_micros(bench.at - hours(4)), to_micros(bench.at - hours(24))},
        [](const store::Statement&) {});
  });
}

Status ask_velocity(const Bench& bench) {
  analyze::VelocityQuestion ask;
  ask.at = bench.at;
  ask.limit = 10'000;
  std::vector<analyze::FastPost> fast;
  LINNET_CHECK(measure(bench, "velocity", 50, [&]() -> Status {
    LINNET_TRY(fast, analyze::fast_posts(bench.reader, ask));
    return {};
  }));
  if (bench.during_ingest) return {};
  std::map<std::string, std::int64_t> plain;
  LINNET_CHECK(measure(bench, "velocity, naive correlated", 3, [&]() -> Status {
    plain.clear();
    return store::for_each_row(
        bench.reader,
        "SELECT id, later - earlier FROM (SELECT p.id, (SELECT s.favourites_count "
        "FROM post_metric_snapshots s WHERE "
        "s.instance_id = p.instance_id AND s.post_id = p.id AND s.captured_at <= $1 "
        "ORDER BY s.captured_at DESC LIMIT 1) "
        "AS later, coalesce((SELECT s.favourites_count FROM post_metric_snapshots s "
        "WHERE s.instance_id = p.instance_id "
        "AND s.post_id = p.id AND s.captured_at <= $2 ORDER BY s.captured_at DESC "
        "LIMIT 1), CASE WHEN p.created_at > $2 "
        "THEN 0 ELSE (SELECT s.favourites_count FROM post_metric_snapshots s WHERE "
        "s.instance_id = p.instance_id AND "
        "s.post_id = p.id ORDER BY s.captured_at LIMIT 1) END) AS earlier FROM posts "
        "p WHERE p.deleted_at IS NULL) AS f "
        "WHERE later - earlier > 50",
        {to_micros(bench.at), to_micros(bench.at - hours(1))},
        [&](const store::Statement& row) { plain.emplace(row.text(0), row.integer(1)); });
  }));
  std::map<std::string, std::int64_t> ours;
  for (const auto& post : fast) ours.emplace(post.id, post.gained);
  if (plain.empty() || ours != plain)
    return Error::of(ErrorKind::internal,
                     fmt::format("velocity: {} posts, plainly counted {}", ours.size(), plain.size()));
  fmt::print(R"({{"name":"velocity as plainly counted, posts","count":{}}})"
             "\n",
             plain.size());
  return {};
}

// Follows the cursor through `pages` pages, each one measured.
Status ask_pages(const Bench& bench, std::string_view name, analyze::PostFilter filter) {
  return measure(bench, name, 1'000, [&]() -> Status {
    LINNET_TRY(auto page, analyze::list_posts(bench.reader, filter));
    if (page.items.empty()) return not_found(fmt::format("{}: no posts", name));
    filter.cursor = page.next.value_or("");
    return {};
  });
}

Status ask_all(const Bench& bench) {
  LINNET_CHECK(ask_trends(bench));
  LINNET_CHECK(ask_velocity(bench));
  LINNET_CHECK(ask_pages(bench, "timeline page", {}));
  analyze::PostFilter by_account;
  by_account.author = bench.account;
  LINNET_CHECK(ask_pages(bench, "account page", by_account));
  analyze::PostFilter by_tag;
  by_tag.tag = bench.hashtag;
  LINNET_CHECK(ask_pages(bench, "hashtag page", by_tag));
  analyze::PostFilter by_word;
  by_word.query = bench.word;
  return measure(bench, "search by word", 100, [&]() -> Status {
    LINNET_TRY(const auto page, analyze::list_posts(bench.reader, by_word));
    if (page.items.empty()) return not_found("search: nothing found");
    return {};
  });
}

// The dump again and again under other ids would need another dump: it is taken in once, and asked meanwhile.
Status ingest_beside(store::Database& database, const std::string& events, std::atomic<bool>& done,
                     std::uint64_t& read) {
  SystemClock clock;
  LINNET_TRY(auto writer, store::Writer::start(database));
  LINNET_TRY(const auto instance,
             observe::find_or_add_instance(*writer, "https://beside.example", "mastodon", clock.now()));
  observe::IngestOptions options;
  options.batch_events = 1'000;
  LINNET_TRY(auto ingest, observe::Ingest::start(database, *writer, clock, options));
  LINNET_TRY(auto reader, connect::LineReader::open(events));
  connect::Line line;
  LINNET_TRY(read, observe::import_lines(*ingest, instance, [&](std::string& next) -> Result<bool> {
               if (done) return false;
               LINNET_TRY(const bool has_line, reader.next(line));
               next.assign(line.text);
               return has_line;
             }));
  return {};
}

Status index_everything(store::Database& database) {
  LINNET_TRY(auto search, database.connect(store::Part::search));
  const auto start = std::chrono::steady_clock::now();
  LINNET_TRY(auto reader, database.reader());
  LINNET_TRY(const auto before, analyze::search_state(*reader));
  bool more = true;
  while (more) {
    LINNET_TRY(more, analyze::follow_with_search(*reader, *search, 20'000));
  }
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  if (before.lag > 0)
    fmt::print(R"({{"name":"search index","posts":{},"per_second":{:.0f}}})"
               "\n",
               before.lag, static_cast<double>(before.lag) / seconds);
  return database.checkpoint(store::Part::search);
}

Status run(const std::string& location, const std::string& events) {
  LINNET_TRY(auto database, store::open_database(location));
  LINNET_TRY(const auto migrated, store::migrate(*database));
  (void)migrated;
  LINNET_CHECK(index_everything(*database));
  LINNET_TRY(auto reader, database->reader());
  LINNET_TRY(const auto newest,
             store::query_integer(*reader, "SELECT max(created_at) FROM posts WHERE instance_id = 1"));
  LINNET_TRY(const auto account, store::query_text(*reader,
                                                   "SELECT acct FROM platform_users WHERE instance_id = 1 "
                                                   "ORDER BY id LIMIT 1"));
  LINNET_TRY(const auto hashtag,
             store::query_text(*reader, "SELECT name FROM hashtags WHERE instance_id = 1 AND id = 1"));
  analyze::TagActivity activity;
  const auto at = from_micros(newest.value_or(0));
  Bench bench{*database, *reader, activity, at, account.value_or(""), hashtag.value_or(""), "sourdough"};
  LINNET_CHECK(
      measure(bench, "filling the memory of hashtags", 1, [&] { return activity.advance(*reader, at); }));
  fmt::print(R"({{"name":"hashtag uses held","count":{}}})"
             "\n",
             activity.uses());
  LINNET_CHECK(ask_all(bench));
  LINNET_TRY(const auto sizes, database->sizes());
  fmt::print(R"({{"name":"bytes","tables":{},"log":{},"search":{}}})"
             "\n",
             sizes[0].bytes, sizes[1].bytes, sizes[2].bytes);
  if (events.empty()) return {};
  bench.during_ingest = true;
  std::atomic<bool> done{false};
  std::uint64_t read = 0;
  Status ingested;
  const auto start = std::chrono::steady_clock::now();
  std::thread beside([&] { ingested = ingest_beside(*database, events, done, read); });
  std::this_thread::sleep_for(std::chrono::seconds(1));
  const auto asked = ask_all(bench);
  done = true;
  beside.join();
  LINNET_CHECK(asked);
  LINNET_CHECK(ingested);
  fmt::print(R"({{"name":"ingest beside the questions","per_second":{:.0f}}})"
             "\n",
             static_cast<double>(read) /
                 std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    fmt::print(stderr, "usage: query_bench DATABASE [EVENTS]\n");
    return 2;
  }
  const auto status = run(argv[1], argc > 2 ? argv[2] : "");
  if (status) return 0;
  fmt::print(stderr, "{}\n", status.error().message);
  return 1;
}
