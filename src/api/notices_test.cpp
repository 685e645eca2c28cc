// What needs a person's eye is told, whatever else cannot be.
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <filesystem>

#include "api/routes.hpp"
#include "kit/test_database.hpp"

namespace linnet::api {
namespace {

// Raised by another user, for one: where it says that nothing is sent, the rest must be seen all the same.
TEST(Notices, AStopThatCannotBeReadIsOneOfThem) {
  test::TestDatabase database(store::Engine::sqlite);
  auto writer = store::Writer::start(*database).value();
  ASSERT_TRUE(writer->write([](store::Connection& connection) {
    return connection.execute(
        "INSERT INTO accounts (id, platform, instance_id, platform_user_id, username, credential_state, "
        "credential_error, created_at, updated_at) VALUES ('a', 'mastodon', 1, '1', 'ada', 'signed_out', "
        "'gone', 0, 0)");
  }));
  const auto file = database->description().substr(std::string_view("sqlite:").size()) + ".stop";
  ASSERT_TRUE(std::filesystem::create_directory(file)) << "root may read every file, but no folder as one";
  SystemClock clock;
  Api api(ApiDependencies{.database = *database, .writer = *writer, .clock = clock});
  const auto request = net::Request::make(net::Method::get, "/api/v1/notices");
  govern::Who who;
  net::Headers headers;
  std::string content_type;
  std::string told;
  for (const auto& route : account_routes()) {
    if (route.pattern != "/api/v1/notices") continue;
    const auto answer = route.handler(Call{api, request, {}, who, headers, content_type});
    ASSERT_TRUE(answer) << answer.error().message;
    told = boost::json::serialize(*answer);
  }
  EXPECT_NE(told.find("Nobody can tell whether everything is stopped"), std::string::npos) << told;
  EXPECT_NE(told.find("ada is signed out"), std::string::npos) << told;
  std::filesystem::remove(file);
}

}  // namespace
}  // namespace linnet::api
