#include "govern/key_rotation.hpp"

#include <gtest/gtest.h>

#include "kit/test_database.hpp"

namespace linnet::govern {
namespace {

class KeyRotation : public testing::TestWithParam<store::Engine> {
 protected:
  void SetUp() override {
    if (GetParam() == store::Engine::postgres && test::postgres_address() == nullptr)
      GTEST_SKIP() << "no PostgreSQL";
    database_ = std::make_unique<test::TestDatabase>(GetParam());
    writer_ = std::move(store::Writer::start(**database_)).value();
    auto folder = (std::filesystem::temp_directory_path() / "linnet-keys-XXXXXX").string();
    folder_ = mkdtemp(folder.data());
    const auto box = SecretBox::from_file(SecretBox::key_path(folder_)).value();
    ASSERT_TRUE(writer_->write([&](store::Connection& connection) -> Status {
      for (int i = 0; i < 1'200; ++i) {
        const auto id = "acc-" + std::to_string(10'000 + i);
        const auto sealed = box.seal("token " + std::to_string(i), id).value();
        LINNET_CHECK(
            store::run(connection,
                       "INSERT INTO accounts (id, platform, instance_id, platform_user_id, username, "
                       "credentials, created_at, updated_at) VALUES ($1, 'mastodon', 1, $1, $1, $2, 0, 0)",
                       {std::string_view(id), std::string_view(sealed)}));
      }
      const auto input =
          R"({"textEncrypted":)" + std::string("\"") + escaped(box.seal("Hi", "att").value()) + "\"}";
      return store::run(
          connection,
          "INSERT INTO action_attempts (id, run_id, platform, action_type, account_id, target_type, "
          "target_id, input, due_at, planned_at, requested_by, attempted_at) VALUES ('att', 'r', "
          "'mastodon', 'dm_send', 'acc-10000', 'user', 'b', $1, 0, 0, 'ada', 0)",
          {std::string_view(input)});
    }));
  }
  void TearDown() override {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  static std::string escaped(std::string text) {
    for (std::size_t at = 0; (at = text.find('"', at)) != std::string::npos; at += 2) text.insert(at, "\\");
    return text;
  }
  int readable_with(const SecretBox& box) {
    int count = 0;
    auto reader = (*database_)->reader();
    EXPECT_TRUE(store::for_each_row(
        **reader, "SELECT id, credentials FROM accounts", {},
        [&](const store::Statement& row) { count += box.unseal(row.text(1), row.text(0)).ok(); }));
    return count;
  }

  std::filesystem::path folder_;
  std::unique_ptr<test::TestDatabase> database_;
  std::unique_ptr<store::Writer> writer_;
};

TEST_P(KeyRotation, SealsEverythingAnew) {
  const auto old = SecretBox::from_file(SecretBox::key_path(folder_)).value();
  const auto count = rotate_key_file(**database_, *writer_, folder_, "bo", Instant(std::chrono::hours(1)));
  ASSERT_TRUE(count) << count.error().message;
  EXPECT_EQ(*count, 1'201);
  const auto now = SecretBox::open(folder_).value();
  EXPECT_EQ(readable_with(now), 1'200);
  EXPECT_EQ(readable_with(old), 0);
}

TEST_P(KeyRotation, GoesOnAfterItWasBrokenOff) {
  const auto old = SecretBox::from_file(SecretBox::key_path(folder_)).value();
  const auto next = SecretBox::from_file(SecretBox::next_key_path(folder_)).value();
  // A crash after the first step: one row is under the next key.
  const auto sealed = next.seal("token 0", "acc-10000").value();
  ASSERT_TRUE(writer_->write([&](store::Connection& connection) {
    return store::run(connection, "UPDATE accounts SET credentials = $1 WHERE id = 'acc-10000'",
                      {std::string_view(sealed)});
  }));
  EXPECT_EQ(SecretBox::open(folder_).error().kind, ErrorKind::conflict);
  EXPECT_EQ(rotate_key_file(**database_, *writer_, folder_, "bo", Instant(std::chrono::hours(1))).value(),
            1'200);
  EXPECT_EQ(readable_with(SecretBox::open(folder_).value()), 1'200);
}

TEST_P(KeyRotation, RefusesWhatFitsNeitherKeyAndWhileADaemonRuns) {
  ASSERT_TRUE(writer_->write([](store::Connection& connection) -> Status {
    LINNET_CHECK(store::run(connection, "INSERT INTO workers (id, seen_at) VALUES ('w', 3600000000)"));
    return store::run(
        connection,
        "UPDATE accounts SET credentials = (SELECT credentials FROM accounts WHERE id = 'acc-10001') "
        "WHERE id = 'acc-10000'");
  }));
  EXPECT_EQ(
      rotate_key_file(**database_, *writer_, folder_, "bo", Instant(std::chrono::hours(1))).error().kind,
      ErrorKind::conflict);
  EXPECT_EQ(
      rotate_key_file(**database_, *writer_, folder_, "bo", Instant(std::chrono::hours(2))).error().kind,
      ErrorKind::corrupt);
}

INSTANTIATE_TEST_SUITE_P(Engines, KeyRotation,
                         testing::Values(store::Engine::sqlite, store::Engine::postgres), test::engine_name);

}  // namespace
}  // namespace linnet::govern
