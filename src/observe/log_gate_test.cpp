// What must not be stored is refused before the log, in one place, whichever way it comes.
#include <boost/json.hpp>

#include <filesystem>
#include <fstream>

#include "observe/event_log.hpp"
#include "observe/import_events.hpp"
#include "observe/ingest_fixture.hpp"
#include "observe/ingest_sink.hpp"
#include "source_dir.hpp"

namespace linnet::observe {
namespace {

// A direct message in the forms in which one comes, each with the word that must not be found afterwards.
std::vector<std::string> messages() {
  const boost::json::object message{{"id", "9"},
                                    {"created_at", "2026-08-01T10:00:00Z"},
                                    {"content", "<p>SECRET</p>"},
                                    {"visibility", "direct"},
                                    {"account", boost::json::object{{"id", "7"}, {"acct", "ada"}}}};
  const auto line = [](std::string_view type, boost::json::value payload) {
    return boost::json::serialize(boost::json::object{{"event", type}, {"payload", std::move(payload)}});
  };
  const auto text = boost::json::serialize(message);
  return {text,
          line("update", message),
          line("status.update", message),
          line("update", boost::json::value(text)),
          line("conversation", boost::json::object{{"id", "1"}, {"last_status", message}}),
          line("notification", boost::json::object{{"type", "mention"}, {"status", message}}),
          R"({"event":"update","payload":{"visibility":"direct","content":"SECRET")"};
}

class LogGateTest : public IngestFixture {
 protected:
  void expect_nothing_kept(std::string_view entrance) {
    auto reader = (*database_)->reader();
    const auto last = last_logged(**reader);
    std::string log;
    ASSERT_TRUE(read_events(**reader, EventId(1), *last, [&](const LoggedEvent& event) -> Status {
      log.append(event.line);
      return {};
    }));
    EXPECT_EQ(log.find("SECRET"), std::string::npos) << entrance;
    EXPECT_EQ(number("SELECT count(*) FROM posts WHERE content_html LIKE '%SECRET%'"), 0) << entrance;
  }
};

INSTANTIATE_TEST_SUITE_P(Engines, LogGateTest,
                         testing::Values(store::Engine::sqlite, store::Engine::postgres), test::engine_name);

TEST_P(LogGateTest, AMessageComesThroughNoEntrance) {
  const auto running = run();
  const auto events = [&] {
    std::vector<RawEvent> raw;
    for (auto& line : messages()) raw.push_back({running.instance, std::move(line)});
    raw.push_back({running.instance, tagged_post(1, "boats")});
    return raw;
  };
  ASSERT_TRUE(running.ingest->submit(events()));
  ASSERT_TRUE(running.ingest->drain());
  expect_nothing_kept("submit");
  EXPECT_EQ(number("SELECT count(*) FROM event_rows"), 1) << "the post beside them is there";
  ASSERT_TRUE(running.ingest->submit_durably(events()));
  expect_nothing_kept("submit_durably");
  // What the API takes.
  ASSERT_TRUE(running.ingest->submit_within(events(), std::chrono::minutes(1)));
  expect_nothing_kept("submit_within");
  // Streams, what fills their gaps, and counts that are read again.
  IngestSink sink(*running.ingest, running.instance, "stream");
  ASSERT_TRUE(sink.accept(messages(), std::nullopt));
  ASSERT_TRUE(sink.accept(messages(), "7"));
  ASSERT_TRUE(running.ingest->drain());
  expect_nothing_kept("a connector");
  auto left = messages();
  const auto read = import_lines(*running.ingest, running.instance, [&](std::string& line) -> Result<bool> {
    if (left.empty()) return false;
    line = std::move(left.back());
    left.pop_back();
    return true;
  });
  ASSERT_TRUE(read) << read.error().message;
  expect_nothing_kept("a dump");
  EXPECT_EQ(number("SELECT count(*) FROM event_rows"), 3);
}

// There is no other way in: whoever wants to write to the log hands it to ingest, and the sieve reads it
// first.
TEST(LogGate, OnlyIngestAppendsToTheLog) {
  namespace fs = std::filesystem;
  std::set<std::string> appending;
  for (const auto& file : fs::recursive_directory_iterator(fs::path(LINNET_SOURCE_DIR) / "src")) {
    const auto name = file.path().filename().string();
    if (!file.is_regular_file() || !name.ends_with("pp") || name.ends_with("_test.cpp")) continue;
    std::ifstream in(file.path());
    const std::string text(std::istreambuf_iterator<char>(in), {});
    const auto has = [&](std::string_view word) { return text.find(word) != std::string::npos; };
    const bool appends = has("EventLogWriter") || has("SureAppender") || has("INTO event_rows") ||
                         (has("BulkInsert") && has("\"event_rows\""));
    if (appends) appending.insert(name);
  }
  appending.erase("event_log.hpp");
  appending.erase("sure_appender.hpp");
  EXPECT_EQ(appending, (std::set<std::string>{"event_log.cpp", "sure_appender.cpp", "ingest.cpp"}));
}

}  // namespace
}  // namespace linnet::observe
