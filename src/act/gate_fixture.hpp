// A gate over a database of its own and a platform in memory, and what tests of both ask for.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <boost/json.hpp>
#include <thread>

#include "act/dispatcher.hpp"
#include "act/gate.hpp"
#include "act/pretend_platform.hpp"
#include "govern/audit.hpp"
#include "kit/database_fixture.hpp"

namespace linnet::act {

// No limit stands in a test's way, nothing asks a person.
inline constexpr std::string_view kFree =
    R"({"rateLimit":{"likesPerHour":1000,"commentsPerHour":100,"dmsPerHour":100,"postsPerHour":100},
        "cooldown":{"afterLike":0,"afterComment":0,"afterDm":0,"afterPost":0},
        "autoApprove":{"likes":true,"comments":true,"dms":true,"posts":true},"warmUp":false})";

class GateFixture : public test::DatabaseFixture {
 protected:
  void SetUp() override {
    DatabaseFixture::SetUp();
    if (IsSkipped()) return;
    options_.media = MediaStore(database_->folder() + "/media");
    gate_ = std::make_unique<Gate>(**database_, *writer_, clock_, box_, check_, std::function<void()>(),
                                   options_.media);
    add_account("acc-1", kFree);
  }
  void execute(const std::string& sql) {
    const auto done = writer_->write([&](store::Connection& connection) { return connection.execute(sql); });
    ASSERT_TRUE(done) << done.error().message;
  }
  void TearDown() override {
    dispatcher_.reset();
    gate_.reset();
    writer_.reset();
  }

  void add_account(std::string_view id, std::string_view settings) {
    const auto done = writer_->write([&](store::Connection& connection) {
      return store::run(
          connection,
          R"(INSERT INTO accounts (id, platform, instance_id, platform_user_id, username, settings,
               created_at, updated_at)
             VALUES ($1, 'mastodon', 1, $1, $1, $2, 0, 0))",
          {id, settings});
    });
    ASSERT_TRUE(done) << done.error().message;
  }

  // Another process as far as anybody can tell: a connection and a writer of its own.
  struct OtherProcess {
    std::unique_ptr<store::Database> database;
    std::unique_ptr<store::Writer> writer;
    std::unique_ptr<Gate> gate;
    std::unique_ptr<Dispatcher> dispatcher;
  };
  std::unique_ptr<OtherProcess> another_process() {
    auto other = std::make_unique<OtherProcess>();
    other->database = std::move(store::open_database(database_->location())).value();
    other->writer = std::move(store::Writer::start(*other->database)).value();
    other->gate = std::make_unique<Gate>(*other->database, *other->writer, clock_, box_, check_);
    other->dispatcher = start_on(*other->database, *other->writer, *other->gate);
    return other;
  }

  void start() { dispatcher_ = start_on(**database_, *writer_, *gate_); }

  std::unique_ptr<Dispatcher> start_on(store::Database& database, store::Writer& writer, Gate& gate) {
    return std::move(
               Dispatcher::start(
                   database, writer, *lanes_clock_, box_, gate, check_,
                   [this](const connect::AccountId&) -> Result<std::shared_ptr<connect::ActingConnector>> {
                     ++connectors_made_;
                     return std::shared_ptr<connect::ActingConnector>(
                         std::make_shared<PretendConnector>(platform_));
                   },
                   options_))
        .value();
  }
  // Nothing has to be waited for long.
  static DispatcherOptions fast_options() {
    DispatcherOptions options;
    options.tick = std::chrono::milliseconds(5);
    options.first_backoff = std::chrono::milliseconds(2);
    options.second_look_after = std::chrono::milliseconds(20);
    options.on_its_way = std::chrono::milliseconds(5);
    options.judgement_holds = std::chrono::milliseconds(50);
    return options;
  }

  NewAction publish(const std::string& text) {
    NewAction action;
    action.type = model::ActionType::publish;
    action.account = connect::AccountId("acc-1");
    action.drafts.emplace_back();
    action.drafts.back().text = text;
    return action;
  }
  NewAction on_post(model::ActionType type, const std::string& post, const std::string& text = {}) {
    NewAction action;
    action.type = type;
    action.account = connect::AccountId("acc-1");
    action.target_id = post;
    action.target_user_id = "someone";
    if (!text.empty()) action.drafts = {connect::Draft{text, {}, {}, {}, {}, false, {}, {}, {}, {}, {}}};
    return action;
  }

  Attempt reload(const Attempt& attempt) {
    auto reader = (*database_)->reader();
    return find_attempt(**reader, attempt.id.value()).value();
  }
  model::ActionStatus wait_until_final(const Attempt& attempt) {
    for (int i = 0; i < 4000; ++i) {
      const auto status = reload(attempt).status;
      if (model::is_final(status)) return status;
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return reload(attempt).status;
  }
  void expect_whole_audit() {
    auto reader = (*database_)->reader();
    const auto verdict = govern::verify_audit(**reader);
    ASSERT_TRUE(verdict);
    EXPECT_TRUE(verdict->is_whole) << verdict->problem;
    EXPECT_GT(verdict->rows, 0);
  }

  // Whatever it is, before the test gives up.
  template <typename Condition>
  static bool comes_true(const Condition& condition) {
    for (int i = 0; i < 5000; ++i) {
      if (condition()) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return condition();
  }

  DispatcherOptions options_ = fast_options();
  SystemClock clock_;
  Clock* lanes_clock_ = &clock_;
  SecretBox box_ = SecretBox::from_hex(std::string(64, 'a')).value();
  BlockCheck check_ = [](const BlockQuestion& question) -> std::optional<BlockAnswer> {
    if (question.user_id == "blocked") return BlockAnswer{"blocked", false};
    if (question.user_id == "gone") return BlockAnswer{"opted out", true};
    return {};
  };
  PretendPlatform platform_;
  std::atomic<int> connectors_made_{0};
  std::unique_ptr<Gate> gate_;
  std::unique_ptr<Dispatcher> dispatcher_;
  const Requester ada_{"ada", true};
  const Requester bo_{"bo", false};
};

}  // namespace linnet::act
