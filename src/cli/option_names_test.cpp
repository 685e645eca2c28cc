// Errors name what was typed.
#include "cli/option_names.hpp"

#include <gtest/gtest.h>

namespace linnet::cli {
namespace {

const OptionNames kNames{{"due_at", "--at"}, {"expires_at", "--expires"}, {"text", "--text"}};

TEST(OptionNames, StandForTheFieldsOfTheApi) {
  EXPECT_EQ(with_options("due_at: it has passed", kNames), "--at: it has passed");
  EXPECT_EQ(with_options("expires_at: expected a moment after due_at", kNames),
            "--expires: expected a moment after --at");
  EXPECT_EQ(with_options("text: expected some text, got none", kNames),
            "--text: expected some text, got none");
}

TEST(OptionNames, LeaveOtherWordsAndQuotationsAlone) {
  for (const char* sentence :
       {"not_due_at is another", "the text is too long", "got \"due_at\"", "", "texts: two"})
    EXPECT_EQ(with_options(sentence, kNames), sentence);
}

TEST(OptionNames, LeaveTheKindOfAnErrorAsItIs) {
  const auto error = with_options(Error::of(ErrorKind::conflict, "due_at: no", "due_at: no"), kNames);
  EXPECT_EQ(error.kind, ErrorKind::conflict);
  EXPECT_EQ(error.safe, "--at: no");
}

}  // namespace
}  // namespace linnet::cli
