// A reading connection that a test stands in front of: it hears of each statement before it is prepared.
#pragma once

#include <functional>
#include <string_view>

#include "store/connection.hpp"

namespace linnet::test {

class WatchedReader : public store::Connection {
 public:
  // An error of `before` is that of the statement.
  WatchedReader(store::Connection& reader, std::function<Status(std::string_view sql)> before)
      : reader_(reader), before_(std::move(before)) {}

  [[nodiscard]] store::Engine engine() const override { return reader_.engine(); }
  Result<store::Statement*> prepare(std::string_view sql) override {
    LINNET_CHECK(before_(sql));
    return reader_.prepare(sql);
  }
  Status execute(std::string_view sql) override { return reader_.execute(sql); }
  [[nodiscard]] std::int64_t changes() const override { return 0; }
  Status insert_many(const store::BulkInsert&, const store::RowBatch&) override { return {}; }
  Status update_many(const store::BulkUpdate&, const store::RowBatch&) override { return {}; }
  Status delete_many(const store::BulkDelete&, const store::RowBatch&) override { return {}; }
  Status lookup_many(const store::BulkLookup&, const store::RowBatch&, const OnRow&) override { return {}; }
  Status set_durable(bool) override { return {}; }

 protected:
  Status begin(bool) override { return {}; }
  Status commit() override { return {}; }
  void rollback() override {}

 private:
  store::Connection& reader_;
  std::function<Status(std::string_view)> before_;
};

}  // namespace linnet::test
