#include "act/without_names.hpp"

#include <gtest/gtest.h>

namespace linnet::act {
namespace {

TEST(WithoutNames, NobodyIsNamedInWhateverSpelling) {
  const auto error =
      without_names(Error::of(ErrorKind::conflict,
                              "@Ada@Social.example, ada@social.example or ada: remove it first", "ada?"),
                    {"ada", "ada@social.example", "@Ada@Social.example", ""});
  EXPECT_EQ(error.kind, ErrorKind::conflict);
  EXPECT_EQ(error.message, "the person, the person or the person: remove it first");
  EXPECT_EQ(error.safe, "the person?");
}

// It was put in again and again, until the memory was full.
TEST(WithoutNames, ANameWithinWhatIsPutInItsPlaceIsNoReasonToGoOnForEver) {
  EXPECT_EQ(without_names(invalid("person: unknown"), {"person"}).safe, "the person: unknown");
}

}  // namespace
}  // namespace linnet::act
