// What language models were asked about a person is theirs to have, without the words of others, and goes
// with them.
#include "act/person_fixture.hpp"
#include "llm/calls.hpp"

namespace linnet::act {
namespace {

class PersonModelCallsTest : public PersonTest {
 protected:
  void add_call(const std::string& id, const std::vector<std::string>& people, std::string_view asked,
                std::string_view answer) {
    llm::Call call;
    call.id = call.question = id;
    call.started_at = clock_.now();
    call.asker = {"layer daily", "insight", ""};
    call.provider = "mlx::one";
    call.month = "2026-08";
    llm::Contents contents;
    for (const auto& user : people) contents.people.push_back({InstanceId(1), PlatformUserId(user)});
    ASSERT_TRUE(writer_->write([&](store::Connection& connection) -> Status {
      LINNET_CHECK(llm::begin_call(connection, call, contents, asked, box_));
      LINNET_TRY(const bool is_ended,
                 llm::end_call(connection, call,
                               {llm::CallOutcome::answered, 1, 1, 0, {}, "", std::string(answer)}, box_));
      EXPECT_TRUE(is_ended);
      return {};
    }));
  }
};

INSTANTIATE_TEST_SUITE_P(Engines, PersonModelCallsTest,
                         testing::Values(store::Engine::sqlite, store::Engine::postgres), test::engine_name);

TEST_P(PersonModelCallsTest, AreHandedOutWithoutTheWordsOfOthers) {
  add_call("c1", {"7"}, "Bea wrote tea", "glad");
  add_call("c2", {"7", "8"}, "Bea and Carl quarrel", "cross");
  add_call("c3", {"8"}, "Carl wrote", "sad");
  const auto record = person_record(**(*database_)->reader(), box_, bea(), clock_.now());
  ASSERT_TRUE(record) << record.error().message;
  const auto& calls = record->at("language_models").as_array();
  ASSERT_EQ(calls.size(), 2U);
  EXPECT_EQ(calls[0].at("asked"), "Bea wrote tea");
  EXPECT_EQ(calls[0].at("answer"), "glad");
  EXPECT_EQ(calls[0].at("purpose"), "insight");
  EXPECT_FALSE(calls[0].as_object().contains("asked_by")) << "who asked is of this house";
  EXPECT_TRUE(calls[1].at("asked").is_null());
  EXPECT_EQ(calls[1].at("holds_words_of_others"), true);
}

TEST_P(PersonModelCallsTest, GoWithThePerson) {
  add_call("c1", {"7"}, "Bea wrote tea", "glad");
  add_call("c2", {"7", "8"}, "Bea and Carl quarrel", "cross");
  add_call("c3", {"8"}, "Carl wrote", "sad");
  EXPECT_EQ(count_person(**(*database_)->reader(), bea())->rows.at("llm_calls"), 2);
  const auto erased = erase_person(**database_, *writer_, clock_, *blocklist_, bea(), "ada");
  ASSERT_TRUE(erased) << erased.error().message;
  EXPECT_EQ(number("SELECT count(*) FROM llm_calls"), 1);
  EXPECT_EQ(number("SELECT count(*) FROM llm_call_people WHERE user_id = '7'"), 0);
  EXPECT_EQ(number("SELECT count(*) FROM llm_calls WHERE id = 'c3' AND sent IS NOT NULL"), 1);
}

TEST_P(PersonModelCallsTest, ThatAreDamagedKeepNothingElseFromBeingHandedOut) {
  add_call("c1", {"7"}, "Bea wrote tea", "glad");
  execute("UPDATE llm_calls SET sent = 'rubbish'");
  const auto record = person_record(**(*database_)->reader(), box_, bea(), clock_.now());
  ASSERT_TRUE(record) << record.error().message;
  EXPECT_TRUE(record->at("language_models").at(0).as_object().contains("text_error"));
  EXPECT_EQ(record->at("messages").at(0).at("text"), "A letter");
}

}  // namespace
}  // namespace linnet::act
