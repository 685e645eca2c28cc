// Conversations that are kept, on each engine, and somebody who has them.
#pragma once

#include <gtest/gtest.h>

#include "act/messages.hpp"
#include "act/person_erasure.hpp"
#include "act/pretend_platform.hpp"
#include "connect/account_store.hpp"
#include "govern/blocklist.hpp"
#include "govern/consent.hpp"
#include "kit/database_fixture.hpp"
#include "kit/two_servers.hpp"

namespace linnet::act {

// Two conversations, with Bea and with Carl.
class Correspondent final : public connect::ActingConnector {
 public:
  [[nodiscard]] connect::Capabilities capabilities() const override { return {}; }
  Result<connect::PlatformLimits> limits(const std::stop_token&) override {
    return connect::PlatformLimits{};
  }
  connect::Outcome perform(const connect::Order&, const std::stop_token&) override { return {}; }
  Result<connect::Evidence> look(const connect::Order&, const std::string&, const std::stop_token&) override {
    return connect::Evidence{};
  }
  Result<connect::Target> target(const connect::Order&, const std::stop_token&) override {
    return connect::Target{};
  }
  Result<std::vector<connect::ThreadSeen>> threads(const std::stop_token&) override {
    ++asked_;
    if (refusal_) return *refusal_;
    if (is_group_) {
      connect::ThreadSeen group{"g", "", "a group of 3", 0, false, {}, version_};
      group.is_group = true;
      return std::vector<connect::ThreadSeen>{group};
    }
    return std::vector<connect::ThreadSeen>{{"t1", "bea", "bea@x.example", unread_, false, {}, version_},
                                            {"t2", "carl", "carl@x.example", 0, false, {}, version_}};
  }
  Result<std::vector<connect::MessageSeen>> messages(const connect::ThreadSeen& thread,
                                                     const std::stop_token&) override {
    ++read_;
    if (thread.id == broken_) return *broken_by_;
    if (thread.id == "t2" || thread.id == "g") {
      std::vector<connect::MessageSeen> words{{"3", "carl", false, "Please stop.", "text", Instant{}, {}}};
      if (!carls_next_.empty()) words.push_back({"4", "carl", false, carls_next_, "text", Instant{}, {}});
      return words;
    }
    if (is_left_) return not_found("there is no such conversation");
    if (is_deleted_) {
      connect::MessageSeen gone{"1", "me", true, "", "text", Instant(std::chrono::hours(1)), {}, true};
      return std::vector<connect::MessageSeen>{std::move(gone)};
    }
    if (third_)
      return std::vector<connect::MessageSeen>{
          {"2", "bea", false, "Bea's words", "text", Instant(std::chrono::hours(2)), {}},
          {"5", "dan", false, dans_words_, "text", Instant(std::chrono::hours(3)), {}}};
    const auto at = [&](int hour) {
      return has_times_ ? std::optional(Instant(std::chrono::hours(hour))) : std::nullopt;
    };
    return std::vector<connect::MessageSeen>{{"1", "me", true, "Our words", "text", at(1), {}},
                                             {"2", "bea", false, "Bea's words", "text", at(2), {}}};
  }
  Status check_credentials(const std::stop_token&) override { return {}; }

  std::string carls_next_;
  std::string dans_words_ = "Dan's words";
  std::optional<Error> refusal_;
  std::string version_;  // of both conversations
  std::int64_t unread_ = 1;
  int asked_ = 0;
  int read_ = 0;
  bool is_left_ = false;     // Bea's conversation is gone
  bool is_deleted_ = false;  // our words to Bea are
  bool has_times_ = true;
  bool third_ = false;  // Dan is in Bea's conversation as well
  std::string broken_;  // a conversation that cannot be read
  std::optional<Error> broken_by_;
  bool is_group_ = false;  // there is nothing but a conversation of several
};

class Messages : public test::DatabaseFixture {
 protected:
  void SetUp() override {
    DatabaseFixture::SetUp();
    if (IsSkipped()) return;
    test::add_two_servers(*writer_);
    blocklist_ = std::make_unique<govern::Blocklist>(**database_, *writer_, clock_);
  }
  void sync(const std::string& account = "on-a") {
    const auto done =
        sync_messages(**database_, *writer_, clock_, box_, correspondent_, connect::AccountId(account),
                      [this](const govern::PersonKey& who) -> Status {
                        left_alone_.push_back(who);
                        const auto cancelled = blocklist_->opt_out(who, "asked for it", "the person");
                        return cancelled ? Status() : cancelled.error();
                      },
                      {});
    ASSERT_TRUE(done) << done.error().message;
  }
  std::int64_t audit_rows() {
    auto reader = (*database_)->reader();
    return store::query_integer(**reader, "SELECT COUNT(*) FROM audit_entries").value().value_or(-1);
  }
  std::vector<DmMessage> with(const std::string& person, const std::string& account = "on-a") {
    auto reader = (*database_)->reader();
    const auto threads = list_threads(**reader, box_, account, 10).value();
    for (const auto& thread : threads) {
      if (thread.participant_id == person) return list_messages(**reader, box_, thread.id).value();
    }
    return {};
  }
  std::int64_t number(const std::string& sql) {
    auto reader = (*database_)->reader();
    return store::query_integer(**reader, sql).value().value_or(-1);
  }
  void erase(const std::string& address) {
    auto reader = (*database_)->reader();
    const auto person = find_person(**reader, address);
    ASSERT_TRUE(person) << person.error().message;
    const auto erased = erase_person(**database_, *writer_, clock_, *blocklist_, *person, "me");
    ASSERT_TRUE(erased) << erased.error().message;
  }
  void consent(bool grant, const std::string& who = "bea") {
    ASSERT_TRUE(writer_->write([&](store::Connection& connection) -> Status {
      if (!grant)
        return govern::revoke_consent(connection, {"mastodon", "a.example", who, ""}, "dm_read", "me",
                                      clock_.now());
      govern::Consent given;
      given.user_id = who;
      given.server_id = "a.example";
      given.type = "dm_read";
      given.platform = "mastodon";
      LINNET_TRY(const auto made, govern::grant_consent(connection, given, "me", clock_.now()));
      (void)made;
      return {};
    }));
  }

  ManualClock clock_{Instant(std::chrono::hours(24))};
  SecretBox box_ = SecretBox::from_hex(std::string(64, 'b')).value();
  Correspondent correspondent_;
  std::vector<govern::PersonKey> left_alone_;
  std::unique_ptr<govern::Blocklist> blocklist_;
};

}  // namespace linnet::act
