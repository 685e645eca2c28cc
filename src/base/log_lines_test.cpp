#include "base/log_lines.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>

#include <sstream>

namespace linnet::log {
namespace {

std::string logged(std::string_view message) {
  std::ostringstream out;
  spdlog::logger logger("test", std::make_shared<spdlog::sinks::ostream_sink_st>(out));
  logger.set_formatter(line_formatter());
  logger.warn("{}", message);
  return out.str();
}

TEST(LogLines, AServersWordsAreOneLineAndSteerNothing) {
  const auto line = logged("it said: \x1b[31mno\r\n2026-08-01T09:00:00.000 info all is well\u202e");
  EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1);
  EXPECT_THAT(line, testing::HasSubstr("warning it said: \\x1b[31mno\\r\\n2026"));
  EXPECT_THAT(line, testing::EndsWith("all is well\\u202e\n"));
}

TEST(LogLines, ALongMessageIsCut) {
  const auto line = logged(std::string(1'000'000, 'x'));
  EXPECT_LT(line.size(), kLongestMessage + 100);
  EXPECT_THAT(line, testing::EndsWith("x…\n"));
}

}  // namespace
}  // namespace linnet::log
