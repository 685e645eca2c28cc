// A fresh, migrated database for a test, on either engine.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

#include "store/database.hpp"
#include "store/migrations.hpp"

namespace linnet::test {

inline std::string engine_name(const testing::TestParamInfo<store::Engine>& info) {
  return info.param == store::Engine::sqlite ? "Sqlite" : "Postgres";
}

// The server that script/with-postgres started; null when there is none.
inline const char* postgres_address() {
  return std::getenv("LINNET_TEST_POSTGRES");
}

class TestDatabase {
 public:
  explicit TestDatabase(store::Engine engine) {
    auto folder = (std::filesystem::temp_directory_path() / "linnet-test-XXXXXX").string();
    folder_ = mkdtemp(folder.data());
    location_ = "sqlite:" + folder_ + "/linnet.db";
    if (engine == store::Engine::postgres) location_ = make_schema();
    reopen();
    auto migrated = store::migrate(*database_);
    if (!migrated) ADD_FAILURE() << migrated.error().message;
  }
  ~TestDatabase() {
    database_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  TestDatabase(const TestDatabase&) = delete;
  TestDatabase& operator=(const TestDatabase&) = delete;

  store::Database& operator*() const { return *database_; }
  store::Database* operator->() const { return database_.get(); }
  [[nodiscard]] const std::string& location() const { return location_; }
  // Of this test alone, gone with it.
  [[nodiscard]] const std::string& folder() const { return folder_; }

  // Closes and opens again, as another run of the program would.
  void reopen() {
    database_.reset();
    auto opened = store::open_database(location_);
    if (!opened) {
      ADD_FAILURE() << opened.error().message;
      std::abort();
    }
    database_ = std::move(opened).value();
  }

 private:
  // Every test in a schema of its own process: test programs may run side by side.
  static std::string make_schema() {
    const std::string address = postgres_address();
    const auto name = "test_" + std::to_string(getpid());
    auto server = store::open_database(address);
    if (server) {
      auto connection = (*server)->connect(store::Part::tables);
      if (connection) {
        const auto made =
            (*connection)->execute("DROP SCHEMA IF EXISTS " + name + " CASCADE; CREATE SCHEMA " + name);
        if (!made) ADD_FAILURE() << made.error().message;
      }
    }
    return address + "&options=-csearch_path%3D" + name;
  }

  std::string folder_;
  std::string location_;
  std::unique_ptr<store::Database> database_;
};

// For SetUp() of tests over both engines.
#define LINNET_SKIP_WITHOUT(engine)                                                               \
  if ((engine) == linnet::store::Engine::postgres && linnet::test::postgres_address() == nullptr) \
  GTEST_SKIP() << "no PostgreSQL: run by script/with-postgres"

}  // namespace linnet::test
