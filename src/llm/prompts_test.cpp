// Versions of prompts: those that came with the program, those that people wrote, and which is in use.
#include "llm/prompts.hpp"

#include "llm/door_fixture.hpp"

namespace linnet::llm {
namespace {

class PromptsTest : public DoorFixture {
 protected:
  Result<PromptVersion> write(const NewPromptVersion& wanted) {
    PromptVersion written;
    LINNET_CHECK(writer_->write([&](store::Connection& connection) -> Status {
      LINNET_TRY(written, write_prompt_version(connection, "plain", wanted, by()));
      return {};
    }));
    return written;
  }
  PromptVersion find(std::string_view version = "") {
    auto reader = (*database_)->reader();
    auto found = find_prompt(**reader, "plain", version);
    EXPECT_TRUE(found) << found.error().message;
    return std::move(found).value_or({});
  }
};

INSTANTIATE_TEST_SUITE_P(Engines, PromptsTest,
                         testing::Values(store::Engine::sqlite, store::Engine::postgres), test::engine_name);

TEST_P(PromptsTest, ThatCameWithTheProgramAreThere) {
  const auto plain = find();
  EXPECT_EQ(plain.version, "1");
  EXPECT_TRUE(plain.is_shipped);
  EXPECT_TRUE(plain.is_in_use);
  EXPECT_EQ(plain.user_text, "{{text}}");
  EXPECT_THAT(plain.variables, testing::ElementsAre("system", "text"));
}

TEST_P(PromptsTest, ThatPeopleWroteAreUsedWhereTheyWereChosen) {
  const auto first = write({"Be kind.", "{{text}}?", "shorter"});
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ(first->id, "plain/e1");
  EXPECT_EQ(first->written_by, "ada");
  EXPECT_EQ(write({"", "{{text}}!", ""})->version, "e2");
  EXPECT_EQ(find().version, "1") << "nobody chose another";
  ASSERT_TRUE(writer_->write(
      [&](store::Connection& connection) { return choose_prompt_version(connection, "plain", "e1", by()); }));
  EXPECT_EQ(find().version, "e1");
  EXPECT_EQ(find().system_text, "Be kind.");
  EXPECT_EQ(find("1").is_in_use, false);
  const auto gone = writer_->write(
      [&](store::Connection& connection) { return choose_prompt_version(connection, "plain", "e9", by()); });
  ASSERT_FALSE(gone);
  EXPECT_THAT(gone.error().safe, testing::HasSubstr("it has 1, e1, e2"));
}

TEST_P(PromptsTest, ThatNobodyCouldFillInAreRefused) {
  const auto unknown = write({"", "{{text}} {{mood}}", ""});
  ASSERT_FALSE(unknown);
  EXPECT_THAT(unknown.error().safe, testing::HasSubstr("{{mood}}: this prompt is given no such variable"));
  EXPECT_FALSE(write({"", "{{text", ""}));
  EXPECT_FALSE(write({"", "  ", ""}));
  EXPECT_FALSE(write({"", std::string(60'000, 'x'), ""}));
}

}  // namespace
}  // namespace linnet::llm
