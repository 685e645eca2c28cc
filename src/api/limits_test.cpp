// What may be asked in a minute, of one process and of several.
#include "api/limits.hpp"

#include <gtest/gtest.h>

#include "kit/test_database.hpp"

namespace linnet::api {
namespace {

class LimitsTest : public testing::Test {
 protected:
  std::int64_t limit_of(const std::string& path) {
    govern::Who who;
    who.user_id = "ada";
    who.requests_per_minute = 120;
    const auto request = net::Request::make(net::Method::post, path, {}, "");
    return count_request(api_, who, request)->limit;
  }

  test::TestDatabase database_{store::Engine::sqlite};
  std::unique_ptr<store::Writer> writer_ = store::Writer::start(*database_).value();
  ManualClock clock_{*parse_iso8601("2026-08-01T10:00:00Z")};
  int processes_ = 1;
  Api api_{ApiDependencies{.database = *database_, .writer = *writer_, .clock = clock_, .processes = [this] {
                             return processes_;
                           }}};
};

TEST_F(LimitsTest, AreDividedByTheNumberOfProcessesButForTheStop) {
  EXPECT_EQ(limit_of("/api/v1/actions"), 120);
  const auto stops = limit_of("/api/v1/stop");
  processes_ = 3;
  EXPECT_EQ(limit_of("/api/v1/actions"), 40);
  EXPECT_EQ(limit_of("/api/v1/stop"), stops) << "it must work at whichever process is asked";
}

}  // namespace
}  // namespace linnet::api
