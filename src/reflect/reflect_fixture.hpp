// A community in the tables, a clock that stands, and a model that says what the test tells it to.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "govern/consent.hpp"
#include "kit/test_database.hpp"
#include "reflect/insights.hpp"
#include "reflect/layer_file.hpp"
#include "reflect/layer_run.hpp"
#include "reflect/runs.hpp"
#include "store/record/sql.hpp"

namespace linnet::reflect {

// All that it was asked, and what it answers.
class ScriptedModels final : public llm::LanguageModels {
 public:
  using Answering = std::function<Result<std::string>(const llm::Question& question)>;
  Answering answering = [](const llm::Question&) {
    return std::string(R"({"content":"They talk about maps.","confidence":0.8})");
  };

  Result<llm::Answer> ask(const llm::Question& question, std::stop_token) override {
    asked.push_back({question, text_of(question.variables)});
    LINNET_TRY(auto text, answering(question));
    llm::Answer answer;
    answer.text = text;
    boost::system::error_code code;
    if (question.schema) answer.json = boost::json::parse(text, code);
    if (code) return Error::of(ErrorKind::corrupt, "no answer fitted the schema");
    answer.source = {.call = "call", .provider = "mlx::scripted", .model = "scripted", .prompt_version = "1"};
    answer.usage = {.tokens_in = 800, .tokens_out = 200, .cost_micros = 7};
    return answer;
  }
  Result<llm::Embeddings> embed(const llm::EmbeddingQuestion&, std::stop_token) override {
    return unavailable("no");
  }
  Result<llm::Score> score(const llm::ScoreQuestion&, std::stop_token) override { return unavailable("no"); }

  // Everything that a prompt could hold.
  static std::string text_of(const llm::Variables& variables) {
    std::string all;
    for (const auto& [name, variable] : variables) {
      if (const auto* const ours = std::get_if<llm::Variable::Ours>(&variable.held()))
        all += ours->text + "\n";
      if (const auto* const data = std::get_if<llm::Variable::Data>(&variable.held()))
        all += data->text + "\n";
      if (const auto* const list = std::get_if<llm::Variable::List>(&variable.held()))
        for (const auto& item : list->items) all += text_of(item);
    }
    return all;
  }

  struct Asked {
    llm::Question question;
    std::string text;
  };
  std::vector<Asked> asked;
};

class ReflectTest : public testing::TestWithParam<store::Engine> {
 protected:
  static constexpr std::int64_t kInstance = 1;

  void SetUp() override {
    LINNET_SKIP_WITHOUT(GetParam());
    database_ = std::make_unique<test::TestDatabase>(GetParam());
    writer_ = store::Writer::start(**database_).value();
    run("INSERT INTO instances (base_url, platform, created_at) VALUES ('https://a.example', 'mastodon', 0)");
    run("INSERT INTO servers (instance_id, id, name, everyone_sees, first_seen_at) VALUES (1, 'S', 'Maps', "
        "1, 0)");
    add_channel("C", true);
    add_channel("P", false);
  }

  void run(std::string_view sql, std::initializer_list<store::Value> values = {}) {
    const auto done =
        writer_->write([&](store::Connection& connection) { return store::run(connection, sql, values); });
    ASSERT_TRUE(done) << sql << ": " << done.error().message;
  }
  std::int64_t count(std::string_view sql) {
    auto reader = (*database_)->reader();
    const auto found = store::query_integer(**reader, sql);
    EXPECT_TRUE(found) << found.error().message;
    return found ? found->value_or(0) : -1;
  }

  void add_channel(std::string_view id, bool everyone_sees) {
    run(R"(INSERT INTO channels (instance_id, id, server_id, kind, name, everyone_sees, created_at, first_seen_at)
           VALUES (1, $1, 'S', 'text', $1, $2, 0, 0))",
        {id, std::int64_t{everyone_sees}});
  }
  void add_message(std::string_view channel, std::string_view author, const std::string& text,
                   Duration ago = std::chrono::minutes(5)) {
    const auto id = fmt::format("m{}", ++messages_);
    run(R"(INSERT INTO messages (instance_id, id, server_id, channel_id, author_id, content, created_at, visibility_scope,
             ingested_at, by_person, version_seq, valid_from)
           VALUES (1, $1, 'S', $2, $3, $4, $5, 'public', $5, 1, 1, $5))",
        {std::string_view(id), channel, author, std::string_view(text), to_micros(clock_.now() - ago)});
  }
  void add_topic(std::string_view key, std::string_view category, double balance) {
    const std::int64_t id = ++topics_;
    run(R"(INSERT INTO topics (id, key, category, created_at, hash_high, hash_low) VALUES ($1, $2, $3, 0, 0, 0))",
        {id, key, category});
    run(R"(INSERT INTO topic_balances (topic_id, entries, balance, earned_place, earned_at) VALUES ($1, 1, $2, 1, 1))",
        {id, static_cast<std::int64_t>(balance * 1'000'000)});
  }

  void add_post(std::string_view author, const std::string& text, bool followers_only = false) {
    const auto id = fmt::format("p{}", ++messages_);
    run(R"(INSERT INTO posts (instance_id, id, account_id, created_at, discovered_at, last_extracted_at, content_type,
             counts_at, replies_count, reblogs_count, favourites_count, engagement_score, version_seq, valid_from,
             content_hash, content_text, followers_only)
           VALUES (1, $1, $2, $3, $3, $3, 'text', $3, 0, 0, 0, 0, 1, $3, 0, $4, $5))",
        {std::string_view(id), author, to_micros(clock_.now() - std::chrono::minutes(7)),
         std::string_view(text), std::int64_t{followers_only}});
  }

  // A direct message to an account of ours, sealed as it is kept.
  void add_dm(std::string_view author, const std::string& text) {
    if (threads_.empty()) {
      run(R"(INSERT INTO accounts (id, instance_id, platform, platform_user_id, username, created_at, updated_at)
             VALUES ('acc', 1, 'mastodon', '999', 'linnet', 0, 0))");
    }
    if (threads_.emplace(author).second) {
      run(R"(INSERT INTO dm_threads (id, platform, platform_thread_id, account_id, participant_id,
               participant_username, discovered_at, last_synced_at) VALUES ($1, 'mastodon', $1, 'acc', $1, $1, 0, 0))",
          {author});
    }
    const auto id = fmt::format("dm{}", ++messages_);
    const auto sealed = box_.seal(text, id).value();
    run(R"(INSERT INTO dm_messages (id, platform, platform_message_id, thread_id, is_from_us, sender_id,
             content_encrypted, sent_at, discovered_at) VALUES ($1, 'mastodon', $1, $2, 0, $2, $3, $4, $4))",
        {std::string_view(id), author, std::string_view(sealed),
         to_micros(clock_.now() - std::chrono::minutes(9))});
  }
  void agree(const std::string& user) {
    ASSERT_TRUE(writer_->write([&](store::Connection& connection) -> Status {
      govern::Consent consent;
      consent.user_id = user;
      consent.type = "dm_read";
      consent.platform = "mastodon";
      consent.server_id = "a.example";
      LINNET_TRY(consent, govern::grant_consent(connection, consent, "me", clock_.now()));
      return {};
    }));
  }
  void revoke(const std::string& user) {
    const auto done = writer_->write([&](store::Connection& connection) {
      return govern::revoke_consent(connection, {"mastodon", "a.example", user, ""}, "dm_read", "me",
                                    clock_.now());
    });
    ASSERT_TRUE(done) << done.error().message;
  }

  static Layer layer_of(std::string_view category, std::string_view scope, std::string_view nodes) {
    auto reading =
        read_layer(fmt::format("name: test-layer\ncategory: reflection\ngoal: Understand\ntarget_category: "
                               "{}\nscope: {}\nnodes:\n{}",
                               category, scope, nodes));
    EXPECT_TRUE(reading.layer) << in_words("layer", reading.mistakes);
    return std::move(*reading.layer);
  }
  static Layer user_layer(std::string_view scope) {
    const auto dms = scope == "dm" ? "yes" : "no";
    return layer_of("user", scope,
                    fmt::format("  - type: fetch_messages\n    params: {{include_dms: {}}}\n"
                                "  - type: fetch_insights\n  - type: llm_call\n"
                                "    params: {{prompt_template: layer-user}}\n  - type: store_insight\n",
                                dms));
  }
  // Of an account of Mastodon: what it posts, and with «dm» what it told us.
  static Layer account_layer(std::string_view scope) {
    const auto dms = scope == "dm" ? "yes" : "no";
    return layer_of(
        "account", scope,
        fmt::format("  - type: fetch_posts\n  - type: fetch_messages\n    params: {{include_dms: {}}}\n"
                    "  - type: fetch_insights\n  - type: llm_call\n"
                    "    params: {{prompt_template: layer-account}}\n  - type: store_insight\n",
                    dms));
  }
  LayerParts parts() {
    LayerParts parts{
        .database = **database_, .writer = *writer_, .clock = clock_, .models = &models_, .box = &box_};
    parts.spend = [this](const Spending& spending, Instant) {
      spent_.push_back(spending);
      return Status();
    };
    return parts;
  }
  LayerRun run_it(const Layer& layer, const RunOptions& options = {}) {
    auto done = run_layer(parts(), layer, options);
    EXPECT_TRUE(done) << done.error().message;
    return done ? std::move(*done) : LayerRun();
  }
  std::vector<Insight> insights(Scope most, InsightFilter filter = {}) {
    auto reader = (*database_)->reader();
    auto found = list_insights(**reader, most, filter, clock_.now());
    EXPECT_TRUE(found) << found.error().message;
    return found ? std::move(*found) : std::vector<Insight>();
  }
  std::vector<RunTarget> outcome(const LayerRun& run) {
    auto reader = (*database_)->reader();
    return targets_of(**reader, run.id).value();
  }

  ManualClock clock_{*parse_iso8601("2026-08-01T10:00:00Z")};
  const SecretBox box_ = SecretBox::from_hex(std::string(64, 'a')).value();
  std::unique_ptr<test::TestDatabase> database_;
  std::unique_ptr<store::Writer> writer_;
  ScriptedModels models_;
  std::vector<Spending> spent_;
  std::set<std::string, std::less<>> threads_;
  int messages_ = 0;
  std::int64_t topics_ = 0;
};

}  // namespace linnet::reflect
