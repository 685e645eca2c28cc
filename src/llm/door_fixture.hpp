// A database with providers, and a network that answers as a test tells it to.
#pragma once

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <functional>
#include <mutex>
#include <vector>

#include "kit/test_database.hpp"
#include "llm/calls.hpp"
#include "llm/door.hpp"
#include "llm/limits.hpp"
#include "llm/provider.hpp"

namespace linnet::llm {

class PretendModels final : public net::HttpTransport {
 public:
  using Answer = std::function<Result<net::HttpResponse>(const net::HttpRequest&)>;
  Result<net::HttpResponse> send(const net::HttpRequest& request, std::stop_token) override {
    Answer answer;
    {
      const std::lock_guard lock(mutex_);
      requests_.push_back(request);
      answer = answer_;
    }
    return answer(request);
  }
  void answer(Answer answer) {
    const std::lock_guard lock(mutex_);
    answer_ = std::move(answer);
  }
  std::vector<net::HttpRequest> requests() {
    const std::lock_guard lock(mutex_);
    return requests_;
  }

 private:
  std::mutex mutex_;
  std::vector<net::HttpRequest> requests_;
  Answer answer_ = [](const net::HttpRequest&) -> Result<net::HttpResponse> {
    return unavailable("no test answers");
  };
};

inline net::HttpResponse answer_of(int status, std::string body, net::Headers headers = {}) {
  return {status, std::move(headers), std::move(body), ""};
}
inline net::HttpResponse chat_saying(std::string_view text, int in = 10, int out = 5) {
  return answer_of(
      200, boost::json::serialize(boost::json::object{
               {"choices", boost::json::array{boost::json::object{
                               {"message", boost::json::object{{"role", "assistant"}, {"content", text}}},
                               {"finish_reason", "stop"}}}},
               {"usage", boost::json::object{{"prompt_tokens", in}, {"completion_tokens", out}}}}));
}

class DoorFixture : public testing::TestWithParam<store::Engine> {
 protected:
  void SetUp() override {
    LINNET_SKIP_WITHOUT(GetParam());
    database_ = std::make_unique<test::TestDatabase>(GetParam());
    writer_ = store::Writer::start(**database_).value();
    door_ = make_language_models(parts());
  }
  DoorParts parts() {
    DoorParts given;
    given.database = &**database_;
    given.writer = writer_.get();
    given.box = &box_;
    given.transport = &models_;
    given.clock = &clock_;
    return given;
  }

  void add(std::string_view id, ProviderChange change = {}) {
    if (!change.privacy) change.privacy = Privacy::dm;
    const auto added = writer_->write([&](store::Connection& connection) -> Status {
      LINNET_TRY(const auto provider, add_provider(connection, id, change, box_, by()));
      return {};
    });
    ASSERT_TRUE(added) << added.error().message;
  }
  void change(std::string_view id, const ProviderChange& wanted) {
    const auto changed = writer_->write([&](store::Connection& connection) -> Status {
      LINNET_TRY(const auto provider, change_provider(connection, id, wanted, box_, by()));
      return {};
    });
    ASSERT_TRUE(changed) << changed.error().message;
  }
  void set_limit(std::int64_t micros) {
    ASSERT_TRUE(
        writer_->write([&](store::Connection& connection) { return set_budget(connection, micros, by()); }));
  }
  Budget budget() {
    auto reader = (*database_)->reader();
    return read_budget(**reader, clock_.now()).value();
  }
  std::vector<Call> calls() {
    auto reader = (*database_)->reader();
    auto found = list_calls(**reader, {});
    EXPECT_TRUE(found) << found.error().message;
    return std::move(found).value_or({});
  }
  std::int64_t count(std::string_view sql) {
    auto reader = (*database_)->reader();
    return store::query_integer(**reader, sql).value().value_or(0);
  }
  void execute(const std::string& sql) {
    const auto done = writer_->write([&](store::Connection& connection) { return connection.execute(sql); });
    ASSERT_TRUE(done) << done.error().message;
  }
  [[nodiscard]] Change by() const { return {"ada", clock_.now()}; }

  static Question plainly(std::string text) {
    Question question;
    question.asker = {"user ada", "test", ""};
    question.prompt = "plain";
    question.variables.emplace("system", Variable::ours(""));
    question.variables.emplace("text", Variable::data(std::move(text)));
    return question;
  }
  Result<Answer> ask(const Question& question) { return door_->ask(question, {}); }

  ManualClock clock_{*parse_iso8601("2026-08-01T10:00:00Z")};
  SecretBox box_ = SecretBox::from_hex(std::string(64, '7')).value();
  PretendModels models_;
  std::unique_ptr<test::TestDatabase> database_;
  std::unique_ptr<store::Writer> writer_;
  std::unique_ptr<LanguageModels> door_;
};

}  // namespace linnet::llm
