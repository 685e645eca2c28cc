// For tests over both engines that need a database and its writer.
#pragma once

#include "kit/test_database.hpp"
#include "store/writer.hpp"

namespace linnet::test {

class DatabaseFixture : public testing::TestWithParam<store::Engine> {
 protected:
  void SetUp() override {
    LINNET_SKIP_WITHOUT(GetParam());
    database_ = std::make_unique<TestDatabase>(GetParam());
    writer_ = std::move(store::Writer::start(**database_)).value();
  }

  Status write(const std::function<Status(store::Connection&)>& work) { return writer_->write(work); }
  void execute(const std::string& sql) {
    const auto done = write([&](store::Connection& connection) { return connection.execute(sql); });
    ASSERT_TRUE(done) << done.error().message;
  }

  std::unique_ptr<TestDatabase> database_;
  std::unique_ptr<store::Writer> writer_;
};

}  // namespace linnet::test
