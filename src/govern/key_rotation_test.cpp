#include "govern/key_rotation.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <boost/json.hpp>
#include <thread>

#include "connect/account_store.hpp"
#include "govern/key_guard.hpp"
#include "govern/sealed_secrets.hpp"
#include "kit/test_database.hpp"
#include "store/sealing_key.hpp"

namespace linnet::govern {
namespace {

const Instant kMoment(std::chrono::hours(1));

class KeyRotation : public testing::TestWithParam<store::Engine> {
 protected:
  void SetUp() override {
    LINNET_SKIP_WITHOUT(GetParam());
    database_ = std::make_unique<test::TestDatabase>(GetParam());
    writer_ = std::move(store::Writer::start(**database_)).value();
    auto folder = (std::filesystem::temp_directory_path() / "linnet-keys-XXXXXX").string();
    folder_ = mkdtemp(folder.data());
    const auto box = SecretBox::from_file(SecretBox::key_path(folder_)).value();
    ASSERT_TRUE(writer_->write([&](store::Connection& connection) -> Status {
      for (int i = 0; i < 1'200; ++i) {
        const auto id = "acc-" + std::to_string(10'000 + i);
        const auto sealed = box.seal("token " + std::to_string(i), id).value();
        LINNET_CHECK(store::run(
            connection,
            R"(INSERT INTO accounts (id, platform, instance_id, platform_user_id, username, credentials,
                 created_at, updated_at)
               VALUES ($1, 'mastodon', 1, $1, $1, $2, 0, 0))",
            {std::string_view(id), std::string_view(sealed)}));
      }
      const auto input =
          R"({"textEncrypted":)" + std::string("\"") + escaped(box.seal("Hi", "att").value()) + "\"}";
      return store::run(
          connection,
          R"(INSERT INTO action_attempts (id, run_id, platform, action_type, account_id, target_type,
               target_id, input, due_at, planned_at, requested_by, attempted_at)
             VALUES ('att', 'r', 'mastodon', 'dm_send', 'acc-10000', 'user', 'b', $1, 0, 0, 'ada', 0))",
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
  const auto count = rotate_key_file(**database_, *writer_, folder_, "bo", kMoment);
  ASSERT_TRUE(count) << count.error().message;
  EXPECT_EQ(count->sealed_anew, 1'201);
  const auto now = SecretBox::open(folder_).value();
  EXPECT_EQ(readable_with(now), 1'200);
  EXPECT_EQ(readable_with(old), 0);
}

// Whom a job is still to erase.
TEST_P(KeyRotation, TakesJobsThatWaitAlong) {
  const auto old = SecretBox::from_file(SecretBox::key_path(folder_)).value();
  ASSERT_TRUE(writer_->write([&](store::Connection& connection) {
    const auto sealed = old.seal("ada@social.example", seal_context_of_job(7)).value();
    const auto input = boost::json::serialize(boost::json::object{{"sealed_address", sealed}});
    return store::run(
        connection,
        R"(INSERT INTO jobs (id, kind, job_key, lane, input, schedule, zone, missed, state, due_at,
             tries, claims, holder, cancel_asked, done, total, note, position, result, error, asked_by,
             created_at)
           VALUES (7, 'erase', '', '', $1, '', 'UTC', 'run_once', 'waiting', 0, 0, 0, '', 0, 0, 0, '',
             '', '', '', 'ada', 0))",
        {std::string_view(input)});
  }));
  ASSERT_TRUE(rotate_key_file(**database_, *writer_, folder_, "bo", kMoment));
  auto reader = (*database_)->reader();
  const auto input = store::query_text(**reader, "SELECT input FROM jobs WHERE id = 7").value();
  const auto sealed = boost::json::parse(input.value()).at("sealed_address").as_string();
  const auto now = SecretBox::open(folder_).value();
  EXPECT_EQ(now.unseal(std::string_view(sealed), seal_context_of_job(7)).value(), "ada@social.example");
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
  EXPECT_EQ(rotate_key_file(**database_, *writer_, folder_, "bo", kMoment).value().sealed_anew, 1'200);
  EXPECT_EQ(readable_with(SecretBox::open(folder_).value()), 1'200);
}

// Commands that hold the key for minutes, while a browser is open.
TEST_P(KeyRotation, WhoReadTheOldKeyStoresNothingUnderIt) {
  const auto old = open_secret_box(**database_, folder_).value();
  SystemClock clock;
  connect::AccountStore accounts(**database_, *writer_, clock, old);
  const auto add = [&](const std::string& name) {
    return accounts.add({"mastodon", InstanceId(1), name, name, "", ""}, {.token = "t"});
  };
  ASSERT_TRUE(add("before"));
  ASSERT_TRUE(rotate_key_file(**database_, *writer_, folder_, "bo", kMoment));
  EXPECT_EQ(add("after").error().kind, ErrorKind::conflict);
  const auto renewed = accounts.renew_credentials(connect::AccountId("acc-10000"), {.token = "t"},
                                                  {.token = "t", .refresh_token = "r"});
  EXPECT_EQ(renewed.error().kind, ErrorKind::conflict);
  EXPECT_EQ(readable_with(open_secret_box(**database_, folder_).value()), 1'201) << "all that are there";
}

TEST_P(KeyRotation, NobodyStoresAnythingWhileItIsUnderWay) {
  const auto old = open_secret_box(**database_, folder_).value();
  const auto next = SecretBox::from_hex(std::string(64, 'b')).value();
  const auto is_refused = [&](const SecretBox& key) {
    return !writer_->write(
        [&](store::Connection& connection) { return store::refuse_old_key(connection, key); });
  };
  EXPECT_FALSE(is_refused(old));
  ASSERT_TRUE(
      writer_->write([&](store::Connection& connection) { return store::note_next_key(connection, next); }));
  EXPECT_TRUE(is_refused(old));
  EXPECT_TRUE(is_refused(next)) << "nor under the next one, which may not become it";
  EXPECT_EQ(open_secret_box(**database_, folder_).error().kind, ErrorKind::conflict);
  ASSERT_TRUE(reseal_everything(**database_, *writer_, old, next, "bo", kMoment));
  EXPECT_TRUE(is_refused(old));
  EXPECT_FALSE(is_refused(next));
}

// A command that opens a database whose key was never noted, while a change begins.
TEST_P(KeyRotation, WhoNotesTheFirstKeyEndsNoChange) {
  const auto old = SecretBox::from_file(SecretBox::key_path(folder_)).value();
  const auto next = SecretBox::from_hex(std::string(64, 'b')).value();
  const auto noted = [&] { return store::sealing_keys(**(*database_)->reader()).value(); };
  const auto note_first = [&](const SecretBox& key, const std::optional<std::string>& instead_of) {
    return writer_->write(
        [&](store::Connection& connection) { return store::note_first_key(connection, key, instead_of); });
  };
  ASSERT_TRUE(
      writer_->write([&](store::Connection& connection) { return store::note_next_key(connection, next); }));
  ASSERT_TRUE(note_first(old, std::nullopt));
  EXPECT_TRUE(store::is_noted(old, noted().current));
  EXPECT_TRUE(store::is_noted(next, noted().next)) << "the old key stays refused";
  ASSERT_TRUE(reseal_everything(**database_, *writer_, old, next, "bo", kMoment));
  const auto current = noted().current;
  ASSERT_TRUE(note_first(old, std::nullopt));
  EXPECT_TRUE(store::is_noted(next, noted().current)) << "nor is the new one forgotten";
  ASSERT_TRUE(note_first(old, current));
  EXPECT_TRUE(store::is_noted(old, noted().current)) << "where nothing is sealed, another key is noted";
}

TEST_P(KeyRotation, GoesOnWithTheNextKeyThatItWasBegunWith) {
  const auto old = SecretBox::from_file(SecretBox::key_path(folder_)).value();
  const auto next = SecretBox::from_hex(std::string(64, 'b')).value();
  const auto other = SecretBox::from_hex(std::string(64, 'c')).value();
  const auto sealed = next.seal("token 0", "acc-10000").value();
  ASSERT_TRUE(writer_->write([&](store::Connection& connection) -> Status {
    LINNET_CHECK(store::note_next_key(connection, next));
    return store::run(connection, "UPDATE accounts SET credentials = $1 WHERE id = 'acc-10000'",
                      {std::string_view(sealed)});
  }));
  EXPECT_EQ(reseal_everything(**database_, *writer_, old, other, "bo", kMoment).error().kind,
            ErrorKind::conflict);
  EXPECT_EQ(reseal_everything(**database_, *writer_, old, next, "bo", kMoment)->sealed_anew, 1'200);
}

// One that was moved to another row, which no key unseals there.
TEST_P(KeyRotation, LeavesWhatFitsNeitherKeyAndGoesOn) {
  ASSERT_TRUE(writer_->write([](store::Connection& connection) {
    return store::run(connection,
                      R"(UPDATE accounts
                         SET credentials = (SELECT credentials FROM accounts WHERE id = 'acc-10001')
                         WHERE id = 'acc-10000')");
  }));
  const auto done = rotate_key_file(**database_, *writer_, folder_, "bo", kMoment);
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(done->sealed_anew, 1'200);
  EXPECT_EQ(done->unreadable, std::vector<std::string>{"the sign-in of account acc-10000"});
  EXPECT_EQ(readable_with(open_secret_box(**database_, folder_).value()), 1'199);
}

TEST_P(KeyRotation, ChangesNothingWithAKeyThatFitsNothing) {
  std::filesystem::remove(SecretBox::key_path(folder_));
  const auto missing = rotate_key_file(**database_, *writer_, folder_, "bo", kMoment);
  ASSERT_FALSE(missing);
  EXPECT_FALSE(std::filesystem::exists(SecretBox::key_path(folder_)));
  ASSERT_TRUE(SecretBox::from_file(SecretBox::key_path(folder_)));
  EXPECT_EQ(rotate_key_file(**database_, *writer_, folder_, "bo", kMoment).error().kind, ErrorKind::corrupt);
  EXPECT_FALSE(std::filesystem::exists(SecretBox::next_key_path(folder_)));
}

TEST_P(KeyRotation, NoNewKeyIsMadeBesideSecrets) {
  ASSERT_TRUE(open_secret_box(**database_, folder_));
  const auto copy = folder_ / "copy";
  std::filesystem::rename(SecretBox::key_path(folder_), copy);
  const auto missing = open_secret_box(**database_, folder_);
  ASSERT_FALSE(missing);
  EXPECT_NE(missing.error().safe.find("secret.key is missing"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(SecretBox::key_path(folder_)));
  std::filesystem::rename(copy, SecretBox::key_path(folder_));
  EXPECT_TRUE(open_secret_box(**database_, folder_));
}

TEST_P(KeyRotation, AnotherKeyThanTheDatabasesIsRefusedUntilSomebodySaysItIsLost) {
  std::filesystem::remove(SecretBox::key_path(folder_));
  ASSERT_TRUE(SecretBox::from_file(SecretBox::key_path(folder_)));
  EXPECT_EQ(open_secret_box(**database_, folder_).error().kind, ErrorKind::conflict);
  const auto lost = begin_with_new_key(**database_, *writer_, folder_, kMoment);
  ASSERT_TRUE(lost) << lost.error().message;
  EXPECT_EQ(*lost, 1'201);
  EXPECT_TRUE(open_secret_box(**database_, folder_));
  EXPECT_FALSE(begin_with_new_key(**database_, *writer_, folder_, kMoment));
}

// By `linnet retention run` or the removal of an account, each of which may be waiting for its turn at any
// moment of the change.
TEST_P(KeyRotation, WhatIsTakenAwayMeanwhileDoesNotComeBack) {
  std::atomic<bool> is_over{false};
  std::vector<std::string> redacted;
  std::thread others([&] {
    const auto writer = std::move(store::Writer::start(**database_)).value();
    for (int i = 0; i < 1'200 && !is_over; ++i) {
      const auto id = "acc-" + std::to_string(11'199 - i);
      const auto done = writer->write([&](store::Connection& connection) {
        return store::run(connection, "UPDATE accounts SET credentials = '[REDACTED]' WHERE id = $1",
                          {std::string_view(id)});
      });
      if (done) redacted.push_back(id);
    }
  });
  const auto done = rotate_key_file(**database_, *writer_, folder_, "bo", kMoment);
  is_over = true;
  others.join();
  ASSERT_TRUE(done) << done.error().message;
  auto reader = (*database_)->reader();
  for (const auto& id : redacted)
    ASSERT_EQ(
        store::query_text(**reader, "SELECT credentials FROM accounts WHERE id = $1", {std::string_view(id)})
            .value(),
        "[REDACTED]")
        << id;
}

INSTANTIATE_TEST_SUITE_P(Engines, KeyRotation,
                         testing::Values(store::Engine::sqlite, store::Engine::postgres), test::engine_name);

}  // namespace
}  // namespace linnet::govern
