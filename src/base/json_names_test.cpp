#include "base/json_names.hpp"

#include <gmock/gmock.h>

namespace linnet {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(JsonNames, AreTheStringsOfTheArray) {
  EXPECT_THAT(json_names(R"(["books","köln","日本"])"), ElementsAre("books", "köln", "日本"));
  EXPECT_THAT(json_names(R"(["a\"b","c\\d","\u00e9"])"), ElementsAre("a\"b", "c\\d", "é"));
  EXPECT_THAT(json_names(R"(["", "x"])"), ElementsAre("", "x"));
}

TEST(JsonNames, OfAnythingElseThereAreNone) {
  for (const auto* text : {"", "[]", "null", "{", "[\"a", "\"a\"", "[1,2]"}) {
    EXPECT_THAT(json_names(text), IsEmpty()) << text;
  }
}

}  // namespace
}  // namespace linnet
