// Nothing that stands for a sealed text lets anybody try a guess.
#include "act/text_hasher.hpp"

#include <fmt/format.h>

#include "act/gate_fixture.hpp"
#include "base/hash.hpp"
#include "govern/key_rotation.hpp"

namespace linnet::act {
namespace {

using model::ActionType;

class TextHasherTest : public GateFixture {
 protected:
  NewAction message(const std::string& text) {
    NewAction action;
    action.type = ActionType::dm_send;
    action.account = connect::AccountId("acc-1");
    action.target_type = model::TargetType::user;
    action.target_id = "someone";
    action.drafts.emplace_back();
    action.drafts.back().text = text;
    action.request_key = "key of " + text;
    return action;
  }
  // In any column of any attempt.
  std::int64_t rows_with(const std::string& text) {
    auto reader = (*database_)->reader();
    const auto pattern = "%" + text + "%";
    return store::query_integer(**reader,
                                R"(SELECT count(*) FROM action_attempts
                                   WHERE text_hash LIKE $1 OR input LIKE $1 OR guard_open LIKE $1
                                     OR guard_done LIKE $1 OR request_hash LIKE $1 OR result LIKE $1)",
                                {std::string_view(pattern)})
        .value()
        .value_or(-1);
  }
};

TEST_P(TextHasherTest, OfAMessageHoldsNoPlainHash) {
  const auto sent = gate_->request(message("yes"), ada_, false);
  ASSERT_TRUE(sent) << sent.error().safe;
  EXPECT_EQ(rows_with(sha256_hex("yes")), 0);
  EXPECT_EQ(boost::json::serialize(to_json(sent->attempts.front())).find(sha256_hex("yes")),
            std::string::npos);
  EXPECT_EQ(rows_with(sent->attempts.front().text_hash), 1);
  // The same is recognised, by its words and by the key of the request.
  auto again = message("yes");
  EXPECT_TRUE(gate_->request(again, ada_, false)->is_repeat);
  again.request_key.clear();
  EXPECT_FALSE(gate_->request(again, ada_, false));
  EXPECT_TRUE(gate_->request(message("no"), ada_, false));
}

TEST_P(TextHasherTest, PutsWhatWasHashedPlainlyUnderTheKey) {
  const auto sent = gate_->request(message("yes"), ada_, false);
  ASSERT_TRUE(sent);
  const auto fresh = sent->attempts.front().text_hash;
  const auto old = sha256_hex("yes");
  // As an older version left it.
  execute("DELETE FROM sealed_keys");
  execute(fmt::format(
      R"(UPDATE action_attempts
         SET text_hash = '{0}', input = replace(input, '{1}', '{0}'), guard_open = replace(guard_open,
           '{1}', '{0}'), guard_done = replace(guard_done, '{1}', '{0}'))",
      old, fresh));
  ASSERT_EQ(rows_with(old), 1);
  auto again = message("yes");
  again.request_key.clear();
  EXPECT_FALSE(gate_->request(again, ada_, false)) << "it is under way";
  ASSERT_TRUE(gate_->request(message("other"), ada_, false));
  EXPECT_EQ(rows_with(old), 0);
  EXPECT_FALSE(gate_->request(again, ada_, false)) << "and still is";
}

TEST_P(TextHasherTest, RecognisesTheSameAfterAChangeOfKeys) {
  ASSERT_TRUE(gate_->request(message("yes"), ada_, false));
  const auto next = SecretBox::from_hex(std::string(64, 'e')).value();
  const auto done = govern::reseal_everything(**database_, *writer_, box_, next, "ada", clock_.now());
  ASSERT_TRUE(done) << done.error().message;
  Gate gate(**database_, *writer_, clock_, next, check_);
  auto again = message("yes");
  again.request_key.clear();
  EXPECT_FALSE(gate.request(again, ada_, false));
  EXPECT_TRUE(gate.request(message("no"), ada_, false));
}

INSTANTIATE_TEST_SUITE_P(Engines, TextHasherTest,
                         testing::Values(store::Engine::sqlite, store::Engine::postgres), test::engine_name);

}  // namespace
}  // namespace linnet::act
