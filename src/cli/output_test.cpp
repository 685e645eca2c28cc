#include "cli/output.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/visible_output.hpp"

namespace linnet::cli {
namespace {

template <typename Print>
std::string printed(const Print& print) {
  testing::internal::CaptureStdout();
  print();
  std::fflush(stdout);
  return testing::internal::GetCapturedStdout();
}

TEST(Table, AStrangersWordIsOneCellAndSteersNothing) {
  const auto table = printed([] {
    Table rows({"who", "posts"});
    rows.add({"eve\x1b]0;x\x07\nroot  999", "1"});
    rows.add({"ada", "2"});
    rows.print("");
  });
  EXPECT_EQ(std::count(table.begin(), table.end(), '\n'), 3);
  EXPECT_THAT(table, testing::HasSubstr("eve\\x1b]0;x\\x07\\nroot  999  "));
}

TEST(VisibleOutput, WhateverIsPrintedIsMadeVisible) {
  const auto text = printed([] {
    const VisibleOutput output;
    fmt::print("{}\n\t{}\n", "\x1b[31mü", "\u202e世");
    std::fputs("plain", stdout);
  });
  EXPECT_EQ(text, "\\x1b[31mü\n\t\\u202e世\nplain");
  EXPECT_EQ(printed([] { fmt::print("\x1b"); }), "\x1b") << "and afterwards everything is as it was";
}

TEST(VisibleOutput, ACharacterInTwoPiecesStaysWhole) {
  const std::string all(BUFSIZ - 1, 'x');
  const auto text = printed([&] {
    const VisibleOutput output;
    std::fputs("\xe4\xb8", stdout);
    std::fflush(stdout);
    std::fputs("\x96", stdout);
    for (int i = 0; i < 3; ++i) fmt::print("{}世", all);
    std::fputs("\xe4\xb8", stdout);
  });
  EXPECT_EQ(text, "世" + all + "世" + all + "世" + all + "世\\xe4\\xb8");
}

TEST(Counted, KnowsOne) {
  EXPECT_EQ(counted(1, "action"), "1 action");
  EXPECT_EQ(counted(0, "action"), "0 actions");
  EXPECT_EQ(counted(1234, "action"), "1,234 actions");
}

}  // namespace
}  // namespace linnet::cli
