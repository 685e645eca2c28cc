#include "app/test_clock.hpp"

#include <cstdlib>
#include <fstream>
#include <string>

#include "base/log.hpp"

namespace linnet::app {

Status follow_test_clock(cli::Context& context) {
  const char* const file = std::getenv("LINNET_TEST_CLOCK");
  if (file == nullptr || *file == '\0') return {};
  std::ifstream mark(context.options.data + "/under-test");
  std::string database;
  std::getline(mark, database);
  if (!mark.is_open() || database != cli::database_location(context.options))
    return invalid(
        "LINNET_TEST_CLOCK: moves the clock for tests of Linnet, and this data folder is not one of theirs; "
        "unset it");
  LINNET_CHECK(context.clock.follow(file));
  log::warn("the clock is a test's: {}", to_iso8601(context.clock.now()));
  return {};
}

}  // namespace linnet::app
