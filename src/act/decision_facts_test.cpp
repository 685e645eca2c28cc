// What a person who decides is shown: every verdict, the posts concerned, the files, and what the newest look
// said; on both engines.
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "act/gate.hpp"
#include "act/shown_actions.hpp"
#include "base/hash.hpp"
#include "kit/database_fixture.hpp"
#include "kit/media.hpp"

namespace linnet::act {
namespace {

namespace json = boost::json;
using model::ActionType;

class DecisionFactsTest : public test::DatabaseFixture {
 protected:
  void SetUp() override {
    DatabaseFixture::SetUp();
    if (IsSkipped()) return;
    gate_ = std::make_unique<Gate>(**database_, *writer_, clock_, box_, nullptr);
    execute(
        R"(INSERT INTO instances (id, base_url, platform, created_at)
           VALUES (1, 'https://home.example', 'mastodon', 0))");
    execute(
        R"(INSERT INTO accounts (id, platform, instance_id, platform_user_id, username, needs_human,
             pause_reason, created_at, updated_at)
           VALUES ('acc', 'mastodon', 1, 'me', 'alice', 1, 'a warning', 0, 0))");
    execute(
        R"(INSERT INTO platform_users (instance_id, id, username, acct, discovered_at, last_seen_at,
             last_updated_at)
           VALUES (1, '7', 'bea', 'bea@far.example', 0, 0, 0))");
    add_post("101", "How is the harbour today?");
    add_post("102", "The lighthouse is open.");
  }
  void TearDown() override {
    gate_.reset();
    writer_.reset();
  }

  void execute(const std::string& sql) {
    const auto done =
        writer_->write([&](store::Connection& connection) { return store::run(connection, sql); });
    ASSERT_TRUE(done) << done.error().message;
  }
  void add_post(const std::string& id, const std::string& text) {
    execute(
        R"(INSERT INTO posts (instance_id, id, account_id, created_at, discovered_at, last_extracted_at, url, content_type, counts_at, replies_count, reblogs_count, favourites_count, engagement_score, version_seq, valid_from, content_hash, content_text, spoiler_text) VALUES (1, ')" +
        id + "', '7', 0, 0, 0, 'https://far.example/" + id + "', 'text', 0, 0, 0, 0, 0, 1, 0, 0, '" + text +
        "', 'sea')");
  }
  static NewAction reply(const std::string& text) {
    NewAction action;
    action.type = ActionType::reply;
    action.account = connect::AccountId("acc");
    action.target_id = "101";
    action.drafts.emplace_back();
    action.drafts.back().text = text;
    return action;
  }
  Requested ask(const NewAction& action) {
    auto requested = gate_->request(action, {"ada", true}, false);
    EXPECT_TRUE(requested) << requested.error().message;
    return requested ? std::move(requested).value() : Requested{};
  }
  json::object context_of(const Attempt& attempt) {
    auto reader = (*database_)->reader();
    const auto approval = open_approval_of(**reader, attempt.id).value();
    return approval ? json::parse(approval->context).as_object() : json::object();
  }
  json::object posts_of(const Attempt& attempt, ToWhom whom = ToWhom::everybody) {
    auto reader = (*database_)->reader();
    const auto account = load_acting_account(**reader, connect::AccountId("acc")).value();
    return posts_concerned(**reader, account, attempt, whom).value();
  }
  Status look(const Attempt& attempt, bool is_verified, double confidence) {
    return writer_->write([&](store::Connection& connection) {
      return add_verification(connection, {"",
                                           attempt.id,
                                           is_verified,
                                           confidence,
                                           model::VerificationMethod::api_response,
                                           {},
                                           clock_.now(),
                                           0});
    });
  }
  std::vector<Attempt> listed(std::optional<bool> is_verified) {
    AttemptQuery query;
    query.is_verified = is_verified;
    auto reader = (*database_)->reader();
    return list_attempts(**reader, query).value();
  }

  SystemClock clock_;
  SecretBox box_ = SecretBox::from_hex(std::string(64, 'a')).value();
  std::unique_ptr<Gate> gate_;
};

std::vector<std::string> rules_in(const json::object& context) {
  std::vector<std::string> rules;
  for (const auto& verdict : context.at("verdicts").as_array())
    rules.emplace_back(std::string_view(verdict.at("rule").as_string()));
  return rules;
}

TEST_P(DecisionFactsTest, keeps_what_every_rule_said_of_each_post_of_a_thread) {
  auto action = reply("Calm.");
  action.drafts.emplace_back();
  action.drafts.back().text = "And warm.";
  const auto requested = ask(action);
  ASSERT_EQ(requested.attempts.size(), 2U);
  const auto first = context_of(requested.attempts[0]);
  // The warm-up has its say too; the strictest alone is the reason that is shown.
  EXPECT_EQ(rules_in(first),
            (std::vector<std::string>{"channel_limits", "approval", "circuit_breaker", "warm_up"}));
  EXPECT_EQ(first.at("verdicts").at(2).at("decision").as_string(), "defer");
  EXPECT_NE(first.at("verdicts").at(2).at("reason").as_string().find("a warning"), std::string::npos);
  EXPECT_EQ(first.at("account").as_string(), "alice");
  EXPECT_EQ(first.at("server").as_string(), "home.example");
  EXPECT_EQ(rules_in(context_of(requested.attempts[1])),
            (std::vector<std::string>{"channel_limits", "approval", "circuit_breaker"}));
}

TEST_P(DecisionFactsTest, invents_no_figures_of_somebody_who_was_erased) {
  ask(reply("Calm."));
  const auto shown = [&] {
    auto reader = (*database_)->reader();
    const auto open = list_approvals(**reader, "open", 10).value();
    return shown_approvals(**reader, *gate_, open, {}).value().front().context.as_object();
  };
  const auto members = {
      "previous_interactions", "follower_count", "post_count", "person", "post_url", "verdicts"};
  for (const auto* const name : members) EXPECT_FALSE(shown().at(name).is_null()) << name;
  execute("UPDATE approvals SET context = '{}'");
  for (const auto* const name : members) EXPECT_TRUE(shown().at(name).is_null()) << name;
  EXPECT_EQ(shown().at("account").as_string(), "alice") << "ours is known all the same";
}

TEST_P(DecisionFactsTest, shows_the_posts_concerned_as_they_are_now) {
  auto action = reply("Calm.");
  action.drafts.back().quoted_id = "102";
  const auto attempt = ask(action).attempts.front();
  EXPECT_EQ(json::serialize(context_of(attempt)).find("harbour"), std::string::npos);  // kept nowhere else
  const auto posts = posts_of(attempt);
  EXPECT_EQ(posts.at("post").at("text").as_string(), "How is the harbour today?");
  EXPECT_EQ(posts.at("post").at("author").as_string(), "bea@far.example");
  EXPECT_EQ(posts.at("post").at("url").as_string(), "https://far.example/101");
  EXPECT_EQ(posts.at("post").at("spoiler_text").as_string(), "sea");
  EXPECT_FALSE(posts.at("post").at("is_deleted").as_bool());
  EXPECT_EQ(posts.at("quoted").at("text").as_string(), "The lighthouse is open.");
  execute("UPDATE posts SET content_text = NULL, deleted_at = 5 WHERE id = '101'");
  EXPECT_EQ(posts_of(attempt).at("post").at("text").as_string(), "");
  EXPECT_TRUE(posts_of(attempt).at("post").at("is_deleted").as_bool());
  EXPECT_EQ(posts_of(attempt).at("post").at("text").as_string(), "");
}

TEST_P(DecisionFactsTest, shows_what_only_followers_see_to_those_who_decide_alone) {
  auto action = reply("Calm.");
  action.drafts.back().quoted_id = "102";
  const auto attempt = ask(action).attempts.front();
  execute("UPDATE posts SET followers_only = 1");
  const auto posts = posts_of(attempt);
  for (const auto* const which : {"post", "quoted"}) {
    const auto& post = posts.at(which).as_object();
    EXPECT_TRUE(post.at("is_hidden").as_bool());
    EXPECT_TRUE(post.at("is_followers_only").as_bool());
    for (const auto* const name : {"author", "text", "spoiler_text", "url"})
      EXPECT_EQ(post.at(name).as_string(), "") << which << ' ' << name;
    EXPECT_TRUE(post.at("created_at").is_null());
  }
  EXPECT_EQ(posts.at("quoted").at("id").as_string(), "102");
  const auto seen = posts_of(attempt, ToWhom::who_decides);
  EXPECT_FALSE(seen.at("post").at("is_hidden").as_bool());
  EXPECT_TRUE(seen.at("post").at("is_followers_only").as_bool());
  EXPECT_EQ(seen.at("post").at("text").as_string(), "How is the harbour today?");
}

TEST_P(DecisionFactsTest, shows_no_post_where_none_is_known) {
  auto action = reply("Calm.");
  action.target_id = "999";
  const auto posts = posts_of(ask(action).attempts.front());
  EXPECT_TRUE(posts.at("post").is_null());
  EXPECT_TRUE(posts.at("quoted").is_null());
}

TEST_P(DecisionFactsTest, gives_each_file_by_its_place) {
  auto action = reply("Calm.");
  action.drafts.back().media = {
      test::media_file("a.png", "image/png", std::string_view("\x89P\0G", 4), "a boat"),
      test::media_file("b.gif", "image/gif", "GIF8")};
  const auto id = ask(action).attempts.front().id.value();
  auto reader = (*database_)->reader();
  const auto first = find_media(**reader, id, 0);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->sha256, sha256_hex(std::string_view("\x89P\0G", 4)));
  EXPECT_EQ(first->size, 4);
  EXPECT_EQ(first->alt_text, "a boat");
  EXPECT_EQ(find_media(**reader, id, 1)->media_type, "image/gif");
  EXPECT_EQ(find_media(**reader, id, 2).error().kind, ErrorKind::not_found);
}

TEST_P(DecisionFactsTest, says_with_an_action_what_the_newest_look_said) {
  const auto attempt = ask(reply("Calm.")).attempts.front();
  EXPECT_TRUE(to_json(listed({}).front()).at("verified").is_null());
  EXPECT_TRUE(listed(false).empty());
  ASSERT_TRUE(look(attempt, false, 0.95));
  EXPECT_FALSE(to_json(listed(false).at(0)).at("verified").as_bool());
  EXPECT_EQ(to_json(listed(false).at(0)).at("confidence").as_double(), 0.95);
  EXPECT_TRUE(listed(true).empty());
  ASSERT_TRUE(look(attempt, true, 0.9));
  EXPECT_TRUE(to_json(listed(true).at(0)).at("verified").as_bool());
  EXPECT_TRUE(listed(false).empty());
}

INSTANTIATE_TEST_SUITE_P(Engines, DecisionFactsTest,
                         testing::Values(store::Engine::sqlite, store::Engine::postgres), test::engine_name);

}  // namespace
}  // namespace linnet::act
