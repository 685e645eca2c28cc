// How long words that were sent to models are kept, and that a change of keys takes them along.
#include "govern/key_rotation.hpp"
#include "govern/retention.hpp"
#include "llm/door_fixture.hpp"

namespace linnet::llm {
namespace {

class RetentionOfCallsTest : public DoorFixture {
 protected:
  void SetUp() override {
    DoorFixture::SetUp();
    if (IsSkipped()) return;
    models_.answer([](const net::HttpRequest&) -> Result<net::HttpResponse> { return chat_saying("glad"); });
    ProviderChange given;
    given.api_key = "sk-secret";
    add("mlx::one", given);
    call_ = ask(plainly("Hello?"))->source.call;
  }
  Result<CallTexts> texts(const SecretBox& box) {
    auto reader = (*database_)->reader();
    return texts_of_call(**reader, call_, box);
  }
  std::string call_;
};

INSTANTIATE_TEST_SUITE_P(Engines, RetentionOfCallsTest,
                         testing::Values(store::Engine::sqlite, store::Engine::postgres), test::engine_name);

TEST_P(RetentionOfCallsTest, WordsGoAfterAMonthAndTheRowAfterAYear) {
  clock_.advance(std::chrono::hours(24 * 29));
  ASSERT_TRUE(govern::apply_retention(**database_, *writer_, clock_.now(), false));
  EXPECT_EQ(texts(box_)->answer, "glad");
  EXPECT_TRUE(ask(plainly("Hello?"))->source.is_cached);
  clock_.advance(std::chrono::hours(24 * 2));
  ASSERT_TRUE(govern::apply_retention(**database_, *writer_, clock_.now(), false));
  EXPECT_EQ(texts(box_)->sent, "");
  EXPECT_EQ(texts(box_)->answer, "");
  EXPECT_FALSE(ask(plainly("Hello?"))->source.is_cached) << "what is no longer kept is not given again";
  clock_.advance(std::chrono::hours(24 * 400));
  ASSERT_TRUE(govern::apply_retention(**database_, *writer_, clock_.now(), false));
  EXPECT_EQ(count("SELECT count(*) FROM llm_calls"), 0);
}

TEST_P(RetentionOfCallsTest, AChangeOfKeysTakesWordsAndKeysAlong) {
  const auto next = SecretBox::from_hex(std::string(64, '8')).value();
  const auto rotated = govern::reseal_everything(**database_, *writer_, box_, next, "ada", clock_.now());
  ASSERT_TRUE(rotated) << rotated.error().message;
  EXPECT_TRUE(rotated->unreadable.empty());
  EXPECT_FALSE(texts(box_));
  EXPECT_EQ(texts(next)->answer, "glad");
  auto reader = (*database_)->reader();
  EXPECT_EQ(key_of_provider(**reader, "mlx::one", next).value(), "sk-secret");
}

}  // namespace
}  // namespace linnet::llm
