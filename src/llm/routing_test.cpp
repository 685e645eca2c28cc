// Who may answer, in which order, and what is said where nobody may.
#include "llm/routing.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace linnet::llm {
namespace {

Provider provider(std::string id) {
  Provider made;
  made.id = std::move(id);
  made.privacy = Privacy::dm;
  return made;
}
std::vector<std::string> ids(const Result<std::vector<Provider>>& routed) {
  std::vector<std::string> found;
  if (routed) {
    for (const auto& one : *routed) found.push_back(one.id);
  }
  return found;
}

TEST(Routing, KeepsTheOrderAndLeavesOutWhoCannot) {
  auto off = provider("mlx::off");
  off.enabled = false;
  auto mute = provider("mlx::mute");
  mute.capabilities.supports_chat = false;
  auto small = provider("mlx::small");
  small.capabilities.max_context = 300;
  auto strange = provider("dspy::openai/strange");
  strange.privacy = Privacy::everybody;
  const std::vector<Provider> all{off, mute, small, strange, provider("mlx::b"), provider("mlx::a")};
  EXPECT_THAT(ids(route(all, {CallKind::ask, Privacy::derived, 1'000, ""})),
              testing::ElementsAre("mlx::b", "mlx::a"));
  EXPECT_THAT(ids(route(all, {CallKind::ask, Privacy::everybody, 100, ""})),
              testing::ElementsAre("mlx::small", "dspy::openai/strange", "mlx::b", "mlx::a"));
  EXPECT_THAT(ids(route(all, {CallKind::ask, Privacy::dm, 100, "mlx::a"})), testing::ElementsAre("mlx::a"));
}

TEST(Routing, SaysWhatIsInTheWay) {
  const auto error = [](const std::vector<Provider>& all, const Needs& needs) {
    const auto routed = route(all, needs);
    return routed ? std::string() : routed.error().safe;
  };
  EXPECT_THAT(error({}, {CallKind::score, Privacy::dm, 0, ""}),
              testing::HasSubstr("how probable a given text is"));
  auto strange = provider("dspy::openai/strange");
  strange.privacy = Privacy::derived;
  EXPECT_THAT(error({strange}, {CallKind::ask, Privacy::dm, 0, ""}), testing::HasSubstr("may not see this"));
  EXPECT_THAT(error({provider("mlx::a")}, {CallKind::ask, Privacy::dm, 1'000'000, ""}),
              testing::HasSubstr("at most 8192 tokens"));
  EXPECT_THAT(error({provider("mlx::a")}, {CallKind::ask, Privacy::dm, 0, "mlx::b"}),
              testing::HasSubstr("there is no mlx::b"));
  auto own = provider(std::string(kBuiltInProvider));
  EXPECT_THAT(error({own}, {CallKind::ask, Privacy::dm, 0, ""}), testing::HasSubstr("add one"))
      << "what Linnet does itself is no model";
}

}  // namespace
}  // namespace linnet::llm
