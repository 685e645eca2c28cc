// For tests of ingest: events to take in, and looks at what became of them.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "kit/test_database.hpp"
#include "observe/check.hpp"
#include "observe/digest.hpp"
#include "observe/ingest.hpp"

namespace linnet::observe {

// A post with one hashtag, of its own hour.
inline std::string tagged_post(int number, const std::string& tag, std::int64_t favourites = 1) {
  return fmt::format(
      R"({{"received_at":"2026-08-02T00:00:00Z","event":"update","payload":{{"id":"{0}",)"
      R"("created_at":"2026-08-01T{1:02}:00:00Z","content":"<p>{2}</p>","replies_count":0,"reblogs_count":0,)"
      R"("favourites_count":{3},"account":{{"id":"{4}","username":"u{4}","acct":"u{4}"}},)"
      R"("tags":[{{"name":"{2}"}}]}}}})",
      number, number % 24, tag, favourites, number % 5);
}

// A database, and one ingest on it or several.
class IngestFixture : public testing::TestWithParam<store::Engine> {
 protected:
  struct Running {
    std::unique_ptr<store::Database> database;
    std::unique_ptr<store::Writer> writer;
    std::unique_ptr<Ingest> ingest;
    InstanceId instance{};

    Status take(std::vector<std::string> lines) const {
      std::vector<RawEvent> events;
      for (auto& line : lines) events.push_back({instance, std::move(line)});
      return ingest->submit(std::move(events));
    }
    Status take_all(std::vector<std::string> lines) const {
      LINNET_CHECK(take(std::move(lines)));
      return ingest->drain();
    }
  };

  void SetUp() override {
    LINNET_SKIP_WITHOUT(GetParam());
    database_ = std::make_unique<test::TestDatabase>(GetParam());
  }

  // As another process would: with connections, a writer and a projector of its own.
  static Running run_on(const std::string& location, Clock& clock, const IngestOptions& options = {},
                        std::chrono::milliseconds lock_patience = std::chrono::milliseconds(5'000)) {
    Running running;
    store::OpenOptions open;
    open.lock_patience = lock_patience;
    auto database = store::open_database(location, open);
    EXPECT_TRUE(database) << database.error().message;
    running.database = std::move(database).value();
    running.writer = *store::Writer::start(*running.database);
    const auto instance = find_or_add_instance(*running.database, *running.writer, "https://social.example",
                                               "mastodon", clock.now());
    EXPECT_TRUE(instance);
    running.instance = *instance;
    auto ingest = Ingest::start(*running.database, *running.writer, clock, options);
    EXPECT_TRUE(ingest) << ingest.error().message;
    running.ingest = std::move(ingest).value();
    return running;
  }
  Running run(const IngestOptions& options = {},
              std::chrono::milliseconds lock_patience = std::chrono::milliseconds(5'000)) {
    return run_on(database_->location(), clock_, options, lock_patience);
  }

  std::int64_t number(std::string_view sql) {
    auto reader = (*database_)->reader();
    auto result = store::query_integer(**reader, sql);
    EXPECT_TRUE(result) << result.error().message;
    return result ? result->value_or(-1) : -1;
  }
  std::string digest() {
    auto reader = (*database_)->reader();
    auto result = digest_projections(**reader);
    EXPECT_TRUE(result) << result.error().message;
    return result ? result->sha256 : "";
  }
  void expect_sound() {
    auto reader = (*database_)->reader();
    auto findings = check_projections(**reader);
    ASSERT_TRUE(findings) << findings.error().message;
    for (const auto& finding : *findings) EXPECT_EQ(finding.differing, 0) << finding.name;
  }

  SystemClock clock_;
  std::unique_ptr<test::TestDatabase> database_;
};

}  // namespace linnet::observe
