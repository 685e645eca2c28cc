// For tests: events of servers with channels, as a connector makes them, and tables to apply them to.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <deque>
#include <random>
#include <string>
#include <vector>

#include "kit/test_database.hpp"
#include "observe/check.hpp"
#include "observe/digest.hpp"
#include "observe/ingest.hpp"
#include "observe/projector.hpp"

namespace linnet::observe {

// Events with the texts that they borrow.
class ChatEvents {
 public:
  std::string_view keep(std::string text) { return texts_.emplace_back(std::move(text)); }

  model::AccountSighting account(std::string_view id, bool is_bot = false) {
    model::AccountSighting account;
    account.id = account.username = account.acct = id;
    account.is_bot = is_bot;
    return account;
  }
  model::MessageSighting message(std::string_view id, std::string_view author, std::string_view channel = "c",
                                 std::string_view content = "hello") {
    model::MessageSighting message;
    message.server_id = "s";
    message.channel_id = channel;
    message.id = id;
    message.author = account(author);
    message.content = content;
    message.created_at = now_;
    return message;
  }
  model::ReactionSighting reaction(
      std::string_view message, std::string_view user, std::string_view emoji,
      model::ReactionSighting::Change change = model::ReactionSighting::Change::added) {
    model::ReactionSighting reaction;
    reaction.change = change;
    reaction.server_id = "s";
    reaction.channel_id = "c";
    reaction.message_id = message;
    reaction.user_id = user;
    reaction.emoji = {{}, emoji};
    return reaction;
  }
  model::ChannelSighting channel(std::string_view id, model::ChannelKind kind, model::MaybeText parent = {},
                                 bool is_new = false) {
    model::ChannelSighting channel;
    channel.server_id = "s";
    channel.id = id;
    channel.kind = kind;
    channel.parent_id = parent;
    channel.is_new = is_new;
    channel.created_at = now_;
    return channel;
  }

  void add(std::vector<model::ChatSighting> chat) {
    now_ += std::chrono::seconds(1);
    model::Event event;
    event.kind = model::EventKind::chat;
    event.type = "CHAT";
    event.chat = std::move(chat);
    push(std::move(event), InstanceId(1));
  }
  // One of Linnet's own.
  void add_fact(std::string_view type, std::string payload) {
    now_ += std::chrono::seconds(1);
    model::Event event;
    event.kind = model::EventKind::fact;
    event.type = type;
    event.fact = keep(std::move(payload));
    push(std::move(event), InstanceId(0));
  }
  void pass(Duration time) { now_ += time; }
  [[nodiscard]] Instant now() const { return now_; }
  [[nodiscard]] std::span<const model::Event> all() const { return events_; }

 private:
  void push(model::Event event, InstanceId instance) {
    event.id = EventId(static_cast<std::int64_t>(events_.size()) + 1);
    event.instance = instance;
    event.received_at = now_;
    events_.push_back(std::move(event));
  }

  std::deque<std::string> texts_;
  std::vector<model::Event> events_;
  Instant now_ = *parse_iso8601("2026-08-01T12:00:00Z");
};

class ChatFixture : public testing::TestWithParam<store::Engine> {
 protected:
  void SetUp() override {
    LINNET_SKIP_WITHOUT(GetParam());
    begin(GetParam());
  }
  void begin(store::Engine engine) {
    writer_.reset();
    database_ = std::make_unique<test::TestDatabase>(engine);
    writer_ = store::Writer::start(**database_).value();
    EXPECT_TRUE(find_or_add_instance(*writer_, "https://chat.example", "discord", Instant{}));
  }
  // In batches of so many events, by one projector after the other that each takes so many batches.
  void apply(std::span<const model::Event> events, std::size_t batch = 1'000, std::size_t batches = 1'000) {
    Projector projector({});
    std::size_t count = 0;
    while (!events.empty()) {
      const auto next = events.first(std::min(batch, events.size()));
      const auto done = writer_->write([&](store::Connection& connection) -> Status {
        LINNET_TRY(const auto projected, projector.apply(connection, next));
        (void)projected;
        return set_mark(connection, next.back().id);
      });
      ASSERT_TRUE(done) << done.error().message;
      events = events.subspan(next.size());
      if (++count % batches == 0) projector.forget();
    }
  }
  std::int64_t number(std::string_view sql) {
    auto reader = (*database_)->reader();
    const auto result = store::query_integer(**reader, sql);
    EXPECT_TRUE(result) << result.error().message;
    return result ? result->value_or(-1) : -1;
  }
  std::string text(std::string_view sql) {
    auto reader = (*database_)->reader();
    const auto result = store::query_text(**reader, sql);
    EXPECT_TRUE(result) << result.error().message;
    return result ? result->value_or("") : "";
  }
  // In points.
  double balance(std::string_view topic) {
    return static_cast<double>(number(fmt::format(
               "SELECT b.balance FROM topic_balances b JOIN topics t ON t.id = b.topic_id WHERE t.key = '{}'",
               topic))) /
           1e6;
  }
  std::string digest() {
    auto reader = (*database_)->reader();
    const auto result = digest_projections(**reader);
    EXPECT_TRUE(result) << result.error().message;
    return result ? result->sha256 : "";
  }
  void expect_sound() {
    auto reader = (*database_)->reader();
    const auto findings = check_projections(**reader);
    ASSERT_TRUE(findings) << findings.error().message;
    for (const auto& finding : *findings) EXPECT_EQ(finding.differing, 0) << finding.name;
  }

  std::unique_ptr<test::TestDatabase> database_;
  std::unique_ptr<store::Writer> writer_;
};

}  // namespace linnet::observe
