// A log that is read by people: the same trouble is not told hundreds of times.
#include "app/repeat_filter.hpp"

#include <gmock/gmock.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/ostream_sink.h>

#include <sstream>

namespace linnet::app {
namespace {

TEST(RepeatFilter, says_the_same_trouble_once) {
  std::ostringstream out;
  auto next = std::make_shared<spdlog::sinks::ostream_sink_st>(out);
  spdlog::logger logger("test", std::make_shared<RepeatFilter>(std::move(next)));
  logger.set_pattern("%v");
  for (int i = 0; i < 400; ++i) {
    logger.error("the server is away");
    if (i % 100 == 0) logger.warn("and waited for: {}", i);
    if (i < 2) logger.info("all is well");
  }
  logger.flush();
  EXPECT_EQ(
      out.str(),
      "the server is away\nand waited for: 0\nall is well\nall is well\nand waited for: 100\nand waited for: "
      "200\nand waited for: 300\n");
}

}  // namespace
}  // namespace linnet::app
