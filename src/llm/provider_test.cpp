// What a provider may be called and say, which of them are asked first, and that one stays enabled.
#include "llm/provider.hpp"

#include "llm/door_fixture.hpp"

namespace linnet::llm {
namespace {

TEST(ProviderId, IsMlxOrDspyWithAModel) {
  const auto local = parse_provider_id("mlx::mlx-community/Qwen3-4B");
  ASSERT_TRUE(local);
  EXPECT_EQ(local->type, ProviderType::mlx);
  EXPECT_EQ(local->model, "mlx-community/Qwen3-4B");
  const auto hosted = parse_provider_id("dspy::together_ai/meta/llama-3");
  ASSERT_TRUE(hosted);
  EXPECT_EQ(hosted->vendor, "together_ai");
  EXPECT_EQ(hosted->model, "meta/llama-3");
  for (const auto* const wrong : {"", "mlx", "mlx::", "mlx://qwen", "dspy::gpt-4o", "dspy::/x",
                                  "dspy::openai/", "ollama::x", "mlx::a b", "MLX::x", "mlx::\"x"}) {
    EXPECT_FALSE(parse_provider_id(wrong)) << wrong;
  }
}

TEST(ProviderId, SaysWhatIsSpokenThere) {
  EXPECT_EQ(wire_format_of("mlx::anthropic").value(), WireFormat::openai);
  EXPECT_EQ(wire_format_of("dspy::anthropic/claude").value(), WireFormat::anthropic);
  EXPECT_EQ(wire_format_of("dspy::gemini/gemini-2.5-flash").value(), WireFormat::gemini);
  EXPECT_EQ(wire_format_of("dspy::unheard_of/model").value(), WireFormat::openai);
  Provider unknown;
  unknown.id = "dspy::unheard_of/model";
  EXPECT_FALSE(endpoint_of(unknown)) << "nobody knows where it is";
  unknown.endpoint = "https://llm.example/v1/";
  EXPECT_EQ(endpoint_of(unknown).value(), "https://llm.example/v1");
}

class ProviderTest : public DoorFixture {
 protected:
  Status try_add(std::string_view id, const ProviderChange& change = {}) {
    return writer_->write([&](store::Connection& connection) -> Status {
      LINNET_TRY(const auto added, add_provider(connection, id, change, box_, by()));
      return {};
    });
  }
  Status try_change(std::string_view id, const ProviderChange& wanted) {
    return writer_->write([&](store::Connection& connection) -> Status {
      LINNET_TRY(const auto changed, change_provider(connection, id, wanted, box_, by()));
      return {};
    });
  }
  Provider find(std::string_view id) {
    auto reader = (*database_)->reader();
    const auto found = find_provider(**reader, id);
    EXPECT_TRUE(found) << found.error().message;
    return found ? *found : Provider();
  }
  std::vector<std::string> order() {
    auto reader = (*database_)->reader();
    std::vector<std::string> ids;
    for (const auto& one : list_providers(**reader).value()) ids.push_back(one.id);
    return ids;
  }
};

INSTANTIATE_TEST_SUITE_P(Engines, ProviderTest,
                         testing::Values(store::Engine::sqlite, store::Engine::postgres), test::engine_name);

TEST_P(ProviderTest, IsKeptAsItWasGiven) {
  ProviderChange given;
  given.endpoint = "https://llm.example/v1";
  given.max_context = 32'000;
  given.cost_per_1k_tokens = 0.25;
  given.cost_per_1k_output_tokens = 1.5;
  given.requests_per_minute = 60;
  given.priority = 4;
  ASSERT_TRUE(try_add("dspy::openai/gpt-4o-mini", given));
  const auto kept = find("dspy::openai/gpt-4o-mini");
  EXPECT_EQ(kept.model_name, "gpt-4o-mini");
  EXPECT_EQ(kept.endpoint, "https://llm.example/v1");
  EXPECT_EQ(kept.capabilities.max_context, 32'000);
  EXPECT_EQ(kept.capabilities.cost_per_1k_tokens, 0.25);
  EXPECT_EQ(kept.capabilities.cost_per_1k_output_tokens, 1.5);
  EXPECT_EQ(kept.rate_limits.requests_per_minute, 60);
  EXPECT_EQ(kept.rate_limits.tokens_per_minute, std::nullopt);
  EXPECT_EQ(kept.priority, 4);
  EXPECT_EQ(kept.privacy, Privacy::everybody) << "it is somebody else's machine";
}

TEST_P(ProviderTest, OfThisMachineMaySeeEverything) {
  ASSERT_TRUE(try_add("mlx::qwen3"));
  EXPECT_EQ(find("mlx::qwen3").privacy, Privacy::dm);
  ProviderChange elsewhere;
  elsewhere.endpoint = "https://llm.example/v1";
  ASSERT_TRUE(try_change("mlx::qwen3", elsewhere));
  EXPECT_EQ(find("mlx::qwen3").privacy, Privacy::everybody) << "it moved out, and nobody said it still may";
}

TEST_P(ProviderTest, HasAPriorityOfItsOwnAmongItsType) {
  ProviderChange first;
  first.priority = 1;
  ASSERT_TRUE(try_add("mlx::one", first));
  ASSERT_TRUE(try_add("dspy::openai/one", first)) << "another type";
  const auto taken = try_add("mlx::two", first);
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().kind, ErrorKind::conflict);
  EXPECT_THAT(taken.error().safe, testing::HasSubstr("mlx::one has 1 already"));
  ASSERT_TRUE(try_add("mlx::two")) << "without one it gets the next";
  EXPECT_EQ(find("mlx::two").priority, 2);
  EXPECT_FALSE(try_change("mlx::two", first));
  EXPECT_THAT(order(),
              testing::ElementsAre("mlx::one", "dspy::openai/one", "mlx::two", "dspy::builtin/linnet"));
}

TEST_P(ProviderTest, OfAllAtLeastOneIsEnabled) {
  ProviderChange off;
  off.enabled = false;
  const auto last = try_change(kBuiltInProvider, off);
  ASSERT_FALSE(last);
  EXPECT_EQ(last.error().kind, ErrorKind::conflict);
  ASSERT_TRUE(try_add("mlx::one"));
  ASSERT_TRUE(try_change(kBuiltInProvider, off));
  EXPECT_FALSE(try_change("mlx::one", off));
  const auto removed = writer_->write(
      [&](store::Connection& connection) { return remove_provider(connection, "mlx::one", by()); });
  ASSERT_FALSE(removed);
  EXPECT_EQ(removed.error().kind, ErrorKind::conflict);
}

TEST_P(ProviderTest, KeepsItsKeySealedAndForItsServerAlone) {
  ProviderChange given;
  given.api_key = "sk-very-secret";
  ASSERT_TRUE(try_add("dspy::openai/one", given));
  EXPECT_TRUE(find("dspy::openai/one").has_key);
  EXPECT_EQ(count("SELECT count(*) FROM llm_providers WHERE api_key LIKE '%very-secret%'"), 0);
  const auto key = [&] {
    auto reader = (*database_)->reader();
    return key_of_provider(**reader, "dspy::openai/one", box_);
  };
  EXPECT_EQ(key().value(), "sk-very-secret");
  execute(
      "UPDATE llm_providers SET api_key = (SELECT api_key FROM llm_providers WHERE id = 'dspy::openai/one'), "
      "id = 'dspy::openai/two' WHERE id = 'dspy::openai/one'");
  {
    auto reader = (*database_)->reader();
    EXPECT_FALSE(key_of_provider(**reader, "dspy::openai/two", box_)) << "sealed for another row";
  }
  execute("UPDATE llm_providers SET id = 'dspy::openai/one' WHERE id = 'dspy::openai/two'");
  ProviderChange elsewhere;
  elsewhere.endpoint = "https://thief.example/v1";
  ASSERT_TRUE(try_change("dspy::openai/one", elsewhere));
  EXPECT_EQ(key().value(), "") << "the key was given to another server";
}

TEST_P(ProviderTest, SaysWhatIsWrong) {
  const auto error_of = [&](const ProviderChange& given) {
    const auto added = try_add("mlx::odd", given);
    return added ? std::string("taken") : added.error().safe;
  };
  ProviderChange odd;
  odd.endpoint = "ftp://x";
  EXPECT_THAT(error_of(odd), testing::StartsWith("endpoint:"));
  odd = {};
  odd.max_context = 1;
  EXPECT_THAT(error_of(odd), testing::StartsWith("max_context:"));
  odd = {};
  odd.cost_per_1k_tokens = -1;
  EXPECT_THAT(error_of(odd), testing::StartsWith("cost_per_1k_tokens:"));
  odd = {};
  odd.priority = 0;
  EXPECT_THAT(error_of(odd), testing::StartsWith("priority:"));
  odd = {};
  odd.requests_per_minute = -3;
  EXPECT_THAT(error_of(odd), testing::StartsWith("requests_per_minute:"));
  odd = {};
  odd.api_key = "two words";
  EXPECT_THAT(error_of(odd), testing::StartsWith("api_key:"));
  EXPECT_FALSE(try_add("dspy::builtin/mine")) << "it is Linnet's own";
}

}  // namespace
}  // namespace linnet::llm
