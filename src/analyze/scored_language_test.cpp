#include "analyze/scored_language.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace linnet::analyze {
namespace {

TEST(IsScoredLanguage, believes_the_mark_of_a_post) {
  for (const std::string_view language : {"en", "EN", "en-GB", "en_US"})
    EXPECT_TRUE(is_scored_language(language, "Die Sitzung beginnt um neun.")) << language;
  for (const std::string_view language : {"de", "sv", "enm", "zxx", "ja"})
    EXPECT_FALSE(is_scored_language(language, "What a wonderful morning!")) << language;
}

TEST(IsScoredLanguage, looks_at_texts_without_one) {
  for (const std::string_view text :
       {"What a wonderful morning", "This is the worst service I have ever had", "I love this!", "Great day!",
        "Thank you so much everyone", "can't wait 😍"}) {
    EXPECT_TRUE(is_scored_language("", text)) << text;
    EXPECT_TRUE(is_scored_language("und", text)) << text;
  }
  for (const std::string_view text :
       {"Heute ist die Bibliothek offen.", "Dit is de kaart die wij gebruiken.", "Det var en bra dag.",
        "No hay pan en casa, no hay nada.", "Il sale fa bene e il mare sale.",
        "Il est mort de rire, plus tard.", "Vi ses til fest i dag.", "Gut", "die", "今日は良い日", "😍", ""}) {
    EXPECT_FALSE(is_scored_language("", text)) << text;
  }
}

RC_GTEST_PROP(IsScoredLanguage, takes_any_bytes, (const std::string& language, const std::string& text)) {
  (void)is_scored_language(language, text);
  (void)is_scored_language("", text);
}

}  // namespace
}  // namespace linnet::analyze
