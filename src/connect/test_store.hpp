// For tests: a fresh database of either engine with the schema in it, gone with the object.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "store/migrations.hpp"
#include "store/writer.hpp"

namespace linnet::connect {

class TestStore {
 public:
  // Why there can be none; nullopt when there can.
  static std::optional<std::string> missing(store::Engine engine) {
    if (engine == store::Engine::sqlite || std::getenv("LINNET_TEST_POSTGRES") != nullptr)
      return std::nullopt;
    return "there is no PostgreSQL (run it by script/with-postgres)";
  }

  explicit TestStore(store::Engine engine = store::Engine::sqlite) {
    std::string name = ::testing::TempDir() + "linnet-connect-XXXXXX";
    folder_ = ::mkdtemp(name.data());
    const bool is_sqlite = engine == store::Engine::sqlite;
    const auto location = is_sqlite ? "sqlite:" + (folder_ / "linnet.db").string()
                                    : std::string(std::getenv("LINNET_TEST_POSTGRES"));
    database_ = store::open_database(location).value();
    static_cast<void>(store::migrate(*database_).value());
    if (!is_sqlite) static_cast<void>(store::reset(*database_).ok());
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

inline std::string engine_name(const testing::TestParamInfo<store::Engine>& info) {
  return info.param == store::Engine::sqlite ? "sqlite" : "postgres";
}

}  // namespace linnet::connect
