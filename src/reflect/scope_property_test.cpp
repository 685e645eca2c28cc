// In a thousand communities: no prompt of a public layer, and nothing that may be shown in public, ever holds
// a word that was said in private, however layers feed one another. And nobody reads insights but through the
// rule.
#include <gmock/gmock.h>

#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <random>
#include <regex>
#include <sstream>

#include "reflect/reflect_fixture.hpp"
#include "source_dir.hpp"

namespace linnet::reflect {
namespace {

class ScopePropertyTest : public ReflectTest {
 protected:
  static constexpr int kCommunities = 1'000;

  void empty() {
    ASSERT_TRUE(writer_->write([](store::Connection& connection) {
      return connection.execute(
          "DELETE FROM messages; DELETE FROM insights; DELETE FROM insight_sources; DELETE FROM layer_runs; "
          "DELETE FROM layer_run_targets; DELETE FROM posts; DELETE FROM dm_messages; DELETE FROM topics; "
          "DELETE FROM topic_balances");
    }));
    models_.asked.clear();
  }

  // Words of which the first letters say how private they were said.
  std::string word(Scope scope) {
    return fmt::format("{}{}zz",
                       scope == Scope::open      ? "open"
                       : scope == Scope::derived ? "derived"
                                                 : "dmsaid",
                       ++words_);
  }

  void make_community(std::mt19937& random) {
    const auto pick = [&](int most) { return std::uniform_int_distribution<int>(0, most)(random); };
    const int people = 1 + pick(3);
    for (int person = 1; person <= people; ++person) {
      const auto id = std::to_string(person);
      for (int i = pick(3); i >= 0; --i) {
        const bool is_open = pick(1) == 0;
        add_message(is_open ? "C" : "P", id, word(is_open ? Scope::open : Scope::derived));
      }
      if (pick(1) == 0) add_post(id, word(Scope::open));
      if (pick(1) == 0) add_post(id, word(Scope::derived), true);
      if (pick(1) == 0) add_dm(id, word(Scope::dm));
      add_topic("account:a.example:" + id, "account", 20 + pick(50));
      add_topic("server:S:user:" + id, "user", 20 + pick(50));
    }
    add_topic("server:S:channel:C", "channel", 20 + pick(50));
    add_topic("server:S:channel:P", "channel", 20 + pick(50));
    if (people > 1) add_topic("server:S:dyad:1:2", "dyad", 30);
  }

  // One that reads all it may, of what there is and of what others understood.
  Layer random_layer(std::mt19937& random) {
    const auto pick = [&](int most) { return std::uniform_int_distribution<int>(0, most)(random); };
    const auto scope = std::array{"public", "derived", "dm"}.at(static_cast<std::size_t>(pick(2)));
    const auto category =
        std::array{"user", "channel", "dyad", "account"}.at(static_cast<std::size_t>(pick(3)));
    std::string nodes = fmt::format(
        "  - type: fetch_posts\n  - type: fetch_messages\n    params: {{include_dms: {}}}\n  - type: "
        "fetch_insights\n    params: "
        "{{retrieval_profile: comprehensive, members_of_topic: yes}}\n",
        std::string_view(scope) == "dm" ? "yes" : "no");
    if (pick(1) == 0)
      nodes += "  - type: fetch_insights\n    params: {of_category: account, store_as: others}\n";
    nodes += "  - type: llm_call\n    params: {prompt_template: p}\n";
    if (pick(3) == 0) nodes += "  - type: reduce\n  - type: llm_call\n    params: {prompt_template: p}\n";
    nodes += "  - type: store_insight\n";
    if (pick(1) == 0) nodes += "  - type: synthesize_to_global\n    params: {prompt_template: p}\n";
    auto layer = layer_of(category, scope, nodes);
    layer.name = fmt::format("layer-{}", pick(4));
    return layer;
  }

  int words_ = 0;
};

std::string privates_in(const std::string& text, Scope most) {
  for (const std::string_view mark : {"derived", "dmsaid"}) {
    if (mark == "derived" && may_be_seen(Scope::derived, most)) continue;
    if (mark == "dmsaid" && may_be_seen(Scope::dm, most)) continue;
    static const std::regex kWord("(derived|dmsaid)[0-9]+zz");
    for (std::sregex_iterator at(text.begin(), text.end(), kWord), end; at != end; ++at)
      if ((*at)[1] == mark) return at->str();
  }
  return {};
}

TEST_P(ScopePropertyTest, NoPromptOfAPublicLayerEverHoldsAPrivateWord) {
  // On PostgreSQL fewer: the rule is the same SQL.
  const int communities = GetParam() == store::Engine::sqlite ? kCommunities : kCommunities / 20;
  for (const std::string user : {"1", "3"}) agree(user);
  // It repeats whatever it was told, so that everything that can leak does.
  models_.answering = [this](const llm::Question& question) {
    const auto said = models_.asked.back().text.substr(0, 2'000);
    if (!question.schema) return said;
    return boost::json::serialize(boost::json::object{{"content", "heard " + said}, {"confidence", 0.5}});
  };
  int private_prompts = 0;
  int open_prompts = 0;
  for (int seed = 0; seed < communities; ++seed) {
    std::mt19937 random(static_cast<unsigned>(seed));
    empty();
    make_community(random);
    for (int i = 0; i < 3; ++i) {
      const auto layer = random_layer(random);
      const auto before = models_.asked.size();
      run_it(layer);
      clock_.advance(std::chrono::minutes(1));
      for (auto at = before; at < models_.asked.size(); ++at) {
        const auto& asked = models_.asked[at];
        const auto leaked = privates_in(asked.text, layer.scope);
        ASSERT_TRUE(leaked.empty()) << "community " << seed << ": " << leaked
                                    << " is in a prompt of a layer of scope " << to_string(layer.scope);
        const auto told = asked.question.contents.privacy == llm::Privacy::everybody ? Scope::open
                          : asked.question.contents.privacy == llm::Privacy::derived ? Scope::derived
                                                                                     : Scope::dm;
        ASSERT_TRUE(privates_in(asked.text, told).empty())
            << "community " << seed << ": the door is told too little";
        ++(layer.scope == Scope::open ? open_prompts : private_prompts);
      }
    }
    for (const auto most : {Scope::open, Scope::derived}) {
      for (const auto& insight :
           insights(most, {.with_superseded = true, .with_withdrawn = true, .limit = 1'000})) {
        const auto leaked = privates_in(insight.content + insight.metadata, most);
        ASSERT_TRUE(leaked.empty()) << "community " << seed << ": " << leaked << " is shown to "
                                    << to_string(most);
      }
    }
  }
  EXPECT_GT(open_prompts, communities / 4);
  EXPECT_GT(private_prompts, communities / 4) << "without these nothing could have leaked";
}

INSTANTIATE_TEST_SUITE_P(Engines, ScopePropertyTest,
                         testing::Values(store::Engine::sqlite, store::Engine::postgres), test::engine_name);

// The words of insights are read in these files alone; each asks the rule, or takes words away.
TEST(ScopeRuleTest, NobodyReadsInsightsPastIt) {
  namespace fs = std::filesystem;
  const std::set<std::string> known{
      "reflect/insights.cpp",  "reflect/person_insights.cpp", "reflect/still_there.cpp", "reflect/upkeep.cpp",
      "govern/withdrawal.cpp", "reflect/judgement.cpp",       "govern/retention.cpp"};
  const std::regex reads(
      R"((FROM|JOIN|UPDATE)\s+(active_)?insights\b|find_(all|first)<(reflect::)?Insight>)");
  const auto root = fs::path(LINNET_SOURCE_DIR) / "src";
  int looked = 0;
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    const auto path = entry.path();
    if (path.extension() != ".cpp" && path.extension() != ".hpp") continue;
    const auto name = fs::relative(path, root).generic_string();
    if (name.ends_with("_test.cpp") || name.ends_with("_fixture.hpp")) continue;
    std::ifstream file(path);
    std::ostringstream text;
    text << file.rdbuf();
    const auto source = text.str();
    ++looked;
    if (std::regex_search(source, reads)) {
      EXPECT_TRUE(known.contains(name)) << name << " reads insights past reflect/insights.hpp";
    }
  }
  EXPECT_GT(looked, 300);
}

}  // namespace
}  // namespace linnet::reflect
