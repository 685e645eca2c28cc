// For tests: a fresh SQLite database with the schema in it, gone with the object.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

#include "store/migrations.hpp"
#include "store/writer.hpp"

namespace linnet::connect {

class TestStore {
 public:
  TestStore() {
    std::string name = ::testing::TempDir() + "linnet-connect-XXXXXX";
    folder_ = ::mkdtemp(name.data());
    database_ = store::open_database("sqlite:" + (folder_ / "linnet.db").string()).value();
    static_cast<void>(store::migrate(*database_).value());
    writer_ = store::Writer::start(*database_).value();
  }
  ~TestStore() {
    writer_.reset();
    database_.reset();
    std::filesystem::remove_all(folder_);
  }
  TestStore(const TestStore&) = delete;
  TestStore& operator=(const TestStore&) = delete;

  [[nodiscard]] store::Database& database() { return *database_; }
  [[nodiscard]] store::Writer& writer() { return *writer_; }

  void execute(const std::string& sql) {
    const auto done = writer_->write([&](store::Connection& connection) { return connection.execute(sql); });
    ASSERT_TRUE(done.ok()) << done.error().message;
  }
  std::string text(const std::string& sql) {
    auto reader = database_->reader();
    return store::query_text(**reader, sql).value().value_or("");
  }
  std::int64_t integer(const std::string& sql) {
    auto reader = database_->reader();
    return store::query_integer(**reader, sql).value().value_or(-1);
  }

 private:
  std::filesystem::path folder_;
  std::unique_ptr<store::Database> database_;
  std::unique_ptr<store::Writer> writer_;
};

}  // namespace linnet::connect
