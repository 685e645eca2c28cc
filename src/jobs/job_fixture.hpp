// For tests: a database that several use, each as another process would, and kinds of jobs made up for them.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <thread>

#include "base/clock.hpp"
#include "jobs/claim.hpp"
#include "jobs/job_store.hpp"
#include "kit/test_database.hpp"
#include "store/writer.hpp"

namespace linnet::jobs {

// As another process has it: handles of its own.
struct Process {
  explicit Process(const std::string& location)
      : database(store::open_database(location).value()), writer(store::Writer::start(*database).value()) {}
  template <typename T, typename Use>
  Result<T> within(Use use) {
    std::optional<T> found;
    LINNET_CHECK(writer->write([&](store::Connection& connection) -> Status {
      LINNET_TRY(found, use(connection));
      return {};
    }));
    return std::move(*found);
  }
  std::unique_ptr<store::Database> database;
  std::unique_ptr<store::Writer> writer;
};

class JobFixture : public testing::TestWithParam<store::Engine> {
 protected:
  void SetUp() override {
    LINNET_SKIP_WITHOUT(GetParam());
    database_ = std::make_unique<test::TestDatabase>(GetParam());
    one_ = std::make_unique<Process>(database_->location());
    two_ = std::make_unique<Process>(database_->location());
  }

  static Instant at(std::string_view text) { return *parse_iso8601(text); }

  JobId added(const Kind& kind, NewJob job = {}) {
    const auto id = one_->within<JobId>(
        [&](store::Connection& connection) { return add(connection, kind, job, clock_.now()); });
    EXPECT_TRUE(id) << id.error().message;
    return id ? *id : JobId();
  }
  void keep(const Kind& kind, std::string_view key = "") {
    const auto done = one_->writer->write([&](store::Connection& connection) {
      return keep_schedule(connection, kind, key, clock_.now(), true);
    });
    EXPECT_TRUE(done) << done.error().message;
  }
  // Nullopt where there is none to claim.
  std::optional<Job> claimed(Process& process, const Claimer& claimer) {
    const auto job = process.within<std::optional<Job>>(
        [&](store::Connection& connection) { return claim_next(connection, claimer, clock_.now()); });
    EXPECT_TRUE(job) << job.error().message;
    return job ? *job : std::nullopt;
  }
  std::optional<Job> ended(Process& process, const Job& job, const Kind& kind, const Ending& ending) {
    const auto now = process.within<std::optional<Job>>(
        [&](store::Connection& connection) { return end(connection, job, kind, ending, clock_.now()); });
    EXPECT_TRUE(now) << now.error().message;
    return now ? *now : std::nullopt;
  }
  Held beaten(Process& process, const Job& job, const Kind& kind, const Beat& shown = {}) {
    const auto held = process.within<Held>(
        [&](store::Connection& connection) { return beat(connection, job, kind, shown); });
    EXPECT_TRUE(held) << held.error().message;
    return held ? *held : Held::no;
  }
  Status write(const std::function<Status(store::Connection&)>& work) { return one_->writer->write(work); }

  Job job(JobId id) {
    auto reader = one_->database->reader();
    const auto found = find(**reader, id);
    EXPECT_TRUE(found && *found) << id.value();
    return found && *found ? **found : Job();
  }
  std::optional<Job> alive(const Kind& kind, std::string_view key = "") {
    auto reader = one_->database->reader();
    return find_alive(**reader, kind.name, key).value();
  }
  std::vector<Job> all(const JobFilter& filter = {}) {
    auto reader = one_->database->reader();
    return list(**reader, filter).value();
  }
  // Whoever holds it was killed, long enough ago.
  void let_lease_pass(JobId id) {
    ASSERT_TRUE(write([&](store::Connection& connection) {
      return store::run(connection, "UPDATE jobs SET lease_until = 1 WHERE id = $1", {id.value()});
    }));
  }

  ManualClock clock_{at("2026-08-01T10:00:00Z")};
  std::unique_ptr<test::TestDatabase> database_;
  std::unique_ptr<Process> one_, two_;
};

}  // namespace linnet::jobs
