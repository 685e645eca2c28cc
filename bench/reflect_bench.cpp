// What salience costs: reflect_bench FOLDER [MESSAGES [ENTRIES]]
//
//   A community of chat is taken in with the ledger and without it, in turns; then balances of all topics are
//   read beside one scan of a ledger of so many entries, and of its index. Prints medians and their ratios,
//   with the goals.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <filesystem>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "observe/ingest.hpp"
#include "observe/salience/topic_list.hpp"
#include "observe/salience/topic_store.hpp"
#include "store/migrations.hpp"

namespace {

using namespace linnet;

double seconds_of(const std::function<Status()>& work, Status& status) {
  const auto begin = std::chrono::steady_clock::now();
  if (status) status = work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

// A few people write most of it, in a few of the channels; a fifth are answers, a tenth are reactions.
std::vector<std::string> community(std::size_t messages) {
  std::minstd_rand random(7);
  std::vector<double> weights;
  for (int i = 1; i <= 600; ++i) weights.push_back(1.0 / i);
  std::discrete_distribution<int> person(weights.begin(), weights.end());
  std::discrete_distribution<int> channel(weights.begin(), weights.begin() + 30);
  const auto at = *parse_iso8601("2026-08-01T00:00:00Z");
  std::vector<std::string> lines;
  lines.reserve(messages);
  for (std::size_t i = 0; i < messages; ++i) {
    const auto author = 100'000 + person(random);
    const auto received = to_iso8601(at + std::chrono::seconds(3 * i));
    if (i > 100 && random() % 10 == 0) {
      lines.push_back(fmt::format(
          R"({{"received_at":"{}","network":"discord","event":"MESSAGE_REACTION_ADD","payload":{{"guild_id":"1",)"
          R"("channel_id":"{}","message_id":"{}","user_id":"{}","emoji":{{"id":null,"name":"👍"}}}}}})",
          received, 500'000 + channel(random), 1'000'000'000 + i - 1 - random() % 100, author));
      continue;
    }
    std::string answer = R"("type":0,)";
    if (i > 100 && random() % 5 == 0)
      answer = fmt::format(R"("type":19,"message_reference":{{"message_id":"{}"}},)",
                           1'000'000'000 + i - 1 - random() % 100);
    lines.push_back(fmt::format(
        R"({{"received_at":"{}","network":"discord","event":"MESSAGE_CREATE","payload":{{"guild_id":"1",)"
        R"("channel_id":"{}","id":"{}","timestamp":"{}",{}"content":"what do you think of number {}, )"
        R"(and of what was said before it?","author":{{"id":"{}","username":"person{}","global_name":"Person {}"}},)"
        R"("mentions":[],"attachments":[],"embeds":[]}}}})",
        received, 500'000 + channel(random), 1'000'000'000 + i, received, answer, i, author, author, author));
  }
  return lines;
}

Status take_in(const std::string& location, const std::vector<std::string>& lines, bool keeps_ledger) {
  LINNET_TRY(auto database, store::open_database(location));
  LINNET_TRY(const auto migrated, store::migrate(*database));
  (void)migrated;
  SystemClock clock;
  LINNET_TRY(auto writer, store::Writer::start(*database));
  LINNET_TRY(const auto instance,
             observe::find_or_add_instance(*writer, "https://chat.example", "discord", clock.now()));
  observe::IngestOptions options;
  options.batch_events = 10'000;
  options.queue_events = 20'000;
  options.linger = Duration{200'000};
  options.keeps_ledger = keeps_ledger;
  LINNET_TRY(auto ingest, observe::Ingest::start(*database, *writer, clock, options));
  for (std::size_t i = 0; i < lines.size(); i += 1'000) {
    std::vector<observe::RawEvent> events;
    for (auto j = i; j < std::min(i + 1'000, lines.size()); ++j) events.push_back({instance, lines[j]});
    LINNET_CHECK(ingest->submit(std::move(events)));
  }
  LINNET_CHECK(ingest->drain());
  ingest.reset();
  LINNET_CHECK(database->checkpoint(store::Part::tables));
  return database->checkpoint(store::Part::log);
}

// So many entries over ten thousand topics.
Status fill_ledger(store::Database& database, std::int64_t entries) {
  LINNET_TRY(const auto migrated, store::migrate(database));
  (void)migrated;
  LINNET_TRY(auto connection, database.connect(store::Part::tables));
  const store::BulkInsert topics{"topics",
                                 {{"id", store::ColumnType::integer},
                                  {"key", store::ColumnType::text},
                                  {"category", store::ColumnType::text},
                                  {"created_at", store::ColumnType::integer},
                                  {"hash_high", store::ColumnType::integer},
                                  {"hash_low", store::ColumnType::integer}}};
  const store::BulkInsert pages{"salience_pages",
                                {{"topic_id", store::ColumnType::integer},
                                 {"page", store::ColumnType::integer},
                                 {"packed", store::ColumnType::text}}};
  constexpr std::int64_t kTopics = 10'000;
  LINNET_TRY(auto transaction, store::Transaction::begin(*connection));
  std::vector<std::string> keys;
  for (std::int64_t i = 1; i <= kTopics; ++i) keys.push_back(fmt::format("hashtag:t{}", i));
  store::RowBatch named(6);
  for (std::int64_t i = 1; i <= kTopics; ++i)
    named.add_row(i, std::string_view(keys[static_cast<std::size_t>(i - 1)]), std::string_view("hashtag"),
                  std::int64_t{0}, i, i);
  LINNET_CHECK(connection->insert_many(topics, named));
  for (std::int64_t topic = 1; topic <= kTopics; ++topic) {
    std::deque<std::string> texts;
    store::RowBatch batch(3);
    for (std::int64_t i = 0; i < entries / kTopics; ++i) {
      if (i % salience::kEntriesOfPage == 0) texts.emplace_back();
      salience::append_packed(texts.back(), (i * kTopics + topic) * 16, std::int64_t{300'000} + i);
    }
    for (std::size_t page = 0; page < texts.size(); ++page)
      batch.add_row(topic, static_cast<std::int64_t>(page), std::string_view(texts[page]));
    LINNET_CHECK(connection->insert_many(pages, batch));
  }
  LINNET_CHECK(connection->execute(
      "INSERT INTO topic_balances (topic_id, entries, balance, written, earned_place, earned_at) "
      "SELECT topic_id, count(*), sum(amount), count(*), 1, 1 FROM salience_ledger GROUP BY topic_id"));
  LINNET_CHECK(transaction.commit());
  return database.checkpoint(store::Part::tables);
}

void show(std::string_view name, double ratio, double goal) {
  fmt::print("{:9.3f}  goal {:7.2f}  {}\n", ratio, goal, name);
}

Status run(const std::string& folder, std::size_t messages, std::int64_t entries) {
  const auto lines = community(messages);
  std::vector<double> with, without;
  Status status;
  for (int turn = 0; turn < 3; ++turn) {
    for (const bool keeps_ledger : {false, true}) {
      const auto data = fmt::format("{}/{}", folder, keeps_ledger ? "with" : "without");
      std::filesystem::remove_all(data);
      std::filesystem::create_directories(data);
      const auto taken =
          seconds_of([&] { return take_in("sqlite:" + data + "/linnet.db", lines, keeps_ledger); }, status);
      LINNET_CHECK(status);
      (keeps_ledger ? with : without).push_back(taken);
      fmt::print("  {} the ledger {:9.0f} events/s\n", keeps_ledger ? "with   " : "without",
                 static_cast<double>(messages) / taken);
    }
  }
  std::filesystem::create_directories(folder + "/million");
  LINNET_TRY(auto database, store::open_database("sqlite:" + folder + "/million/linnet.db"));
  LINNET_CHECK(fill_ledger(*database, entries));
  LINNET_TRY(auto reader, database->reader());
  salience::TopicFilter all;
  all.limit = 1'000'000;
  std::vector<double> scan, balances, proven;
  for (int turn = 0; turn < 5; ++turn) {
    scan.push_back(seconds_of(
        [&] {
          return store::for_each_row(*reader, "SELECT topic_id, page, packed FROM salience_pages", {},
                                     [](const store::Statement&) {});
        },
        status));
    balances.push_back(seconds_of(
        [&]() -> Status {
          LINNET_TRY(const auto page, salience::list_topics(*reader, all));
          return page.items.size() == 10'000 ? Status() : internal_error("topics are missing");
        },
        status));
    proven.push_back(seconds_of(
        [&]() -> Status {
          LINNET_TRY(const auto wrong,
                     store::query_integer(*reader, observe::check_sql(salience::balances_sum())));
          return wrong == 0 ? Status() : internal_error("balances are not the sums of their entries");
        },
        status));
    LINNET_CHECK(status);
  }
  fmt::print("\n");
  show("rate of messages with the ledger / without it", median(without) / median(with), 0.85);
  show("balances of all topics / one scan of the ledger's index", median(balances) / median(scan), 1.0);
  fmt::print("{:9.3f}                proving every balance / one scan of the ledger's index\n",
             median(proven) / median(scan));
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    fmt::print(stderr, "usage: reflect_bench FOLDER [MESSAGES [ENTRIES]]\n");
    return 2;
  }
  const auto status =
      run(argv[1], argc > 2 ? std::stoul(argv[2]) : 200'000, argc > 3 ? std::stol(argv[3]) : 1'000'000);
  if (status) return 0;
  fmt::print(stderr, "{}\n", status.error().message);
  return 1;
}
