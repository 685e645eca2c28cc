// The layers that come with the program are whole: each can be read, and each prompt that it names is there
// and has all its variables. A file in the data folder stands in the place of the shipped one with its name.
#include "reflect/catalog.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <fstream>

#include "base/instant.hpp"
#include "llm/prompt_template.hpp"
#include "llm/shipped_prompts.hpp"
#include "reflect/target_run.hpp"

namespace linnet::reflect {
namespace {

std::string prompt_text(const std::string& name) {
  for (const auto& prompt : llm::shipped_prompts())
    if (name == prompt.name) return prompt.text;
  return {};
}

TEST(CatalogTest, EveryShippedLayerCanBeReadAndHasItsPrompts) {
  ASSERT_GE(shipped_layers().size(), 9U);
  for (const auto& shipped : shipped_layers()) {
    const auto reading = read_layer(shipped.text);
    ASSERT_TRUE(reading.layer) << in_words(shipped.file, reading.mistakes);
    EXPECT_EQ(reading.layer->name + ".yaml", shipped.file);
    EXPECT_FALSE(reading.layer->schedule.empty()) << shipped.file;
    Gathered gathered;
    gathered.add("messages", {{.who = "ada", .text = "words"}});
    for (const auto& node : reading.layer->nodes) {
      if (node.type == NodeType::reduce) gathered.texts[node.word("store_as")] = "parts";
      const auto prompt = node.word("prompt_template");
      if (prompt.empty()) continue;
      const auto text = prompt_text(prompt);
      ASSERT_FALSE(text.empty()) << shipped.file << " names " << prompt << ", which is not there";
      const auto variables = variables_of(gathered, *reading.layer, "server:1:user:2", Instant{});
      const auto rendered = llm::render(text, variables, llm::data_mark(variables));
      EXPECT_TRUE(rendered) << prompt << ": " << rendered.error().message;
      if (node.type == NodeType::llm_call) gathered.texts[node.word("store_as")] = "said";
    }
  }
}

class LayerFolderTest : public testing::Test {
 protected:
  void SetUp() override {
    auto pattern = (std::filesystem::temp_directory_path() / "linnet-layers-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::filesystem::path folder_;
};

TEST_F(LayerFolderTest, AFileStandsInThePlaceOfTheShippedLayerOfItsName) {
  std::string text = shipped_layers().front().text;
  text.replace(text.find("max_targets: "), std::string("max_targets: ").size() + 2, "max_targets: 3");
  const auto kept = keep_layer(folder_ / "layers", text);
  ASSERT_TRUE(kept) << kept.error().message;
  const auto found = find_layer(folder_ / "layers", kept->name);
  ASSERT_TRUE(found && *found);
  EXPECT_EQ((*found)->max_targets, 3);
  EXPECT_NE((*found)->source, "shipped");
  EXPECT_FALSE(find_layer(folder_ / "nowhere", "no-such-layer").value());
}

TEST_F(LayerFolderTest, AFileThatIsNoLayerIsToldWithItsMistakesAndStopsNoOther) {
  std::ofstream(folder_ / "broken.yaml") << "name: broken\n";
  const auto all = list_layers(folder_);
  ASSERT_TRUE(all);
  EXPECT_EQ(all->size(), shipped_layers().size() + 1);
  const auto broken = find_layer(folder_, "broken");
  ASSERT_FALSE(broken);
  EXPECT_NE(broken.error().safe.find("broken.yaml:1:1: category: expected"), std::string::npos)
      << broken.error().safe;
}

TEST_F(LayerFolderTest, NothingIsKeptThatIsNoLayerOrWouldLieElsewhere) {
  EXPECT_FALSE(keep_layer(folder_, "name: x\n"));
  std::string text = shipped_layers().front().text;
  const auto at = text.find("\nname: ") + 7;
  text.replace(at, text.find('\n', at) - at, "../elsewhere");
  EXPECT_FALSE(keep_layer(folder_, text));
  EXPECT_TRUE(std::filesystem::is_empty(folder_));
}

}  // namespace
}  // namespace linnet::reflect
