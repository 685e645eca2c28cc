// Jobs through the API: shown, asked for and called off, by whom it may be.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/routes.hpp"
#include "api/sealed_address.hpp"
#include "jobs/claim.hpp"
#include "jobs/known_kinds.hpp"
#include "kit/test_database.hpp"

namespace linnet::api {
namespace {

namespace json = boost::json;
using govern::Permission;
using testing::HasSubstr;

const govern::Permissions kReader{Permission::open, Permission::read};
const govern::Permissions kAnalyst{Permission::open, Permission::read, Permission::analyze};
const govern::Permissions kAdmin{Permission::open, Permission::read, Permission::analyze, Permission::people};

class JobRoutesTest : public testing::TestWithParam<store::Engine> {
 protected:
  void SetUp() override {
    LINNET_SKIP_WITHOUT(GetParam());
    database_ = std::make_unique<test::TestDatabase>(GetParam());
    writer_ = store::Writer::start(**database_).value();
    api_ =
        std::make_unique<Api>(ApiDependencies{.database = **database_, .writer = *writer_, .clock = clock_});
    api_->dependencies.wake_jobs = [this] { ++woken_; };
  }

  Answer ask(net::Method method, std::string_view pattern, std::string target,
             const govern::Permissions& rights, std::vector<std::string> path = {}, std::string body = {}) {
    const auto request = net::Request::make(method, std::move(target), {}, std::move(body));
    govern::Who who;
    who.name = "ada";
    who.permissions = rights;
    net::Headers headers;
    std::string content_type;
    for (const auto& routes : {job_routes(), event_routes(), summary_routes()}) {
      for (const auto& route : routes) {
        if (route.method != method || route.pattern != pattern) continue;
        if (!route.is_open_to(who)) return Error::of(ErrorKind::denied, "the route");
        return route.handler(Call{*api_, request, std::move(path), who, headers, content_type});
      }
    }
    return internal_error("no such route");
  }
  Answer post(std::string_view pattern, const govern::Permissions& rights,
              std::vector<std::string> path = {}) {
    return ask(net::Method::post, pattern, std::string(pattern), rights, std::move(path));
  }
  Answer get(std::string_view pattern, const std::string& parameters = "",
             std::vector<std::string> path = {}) {
    return ask(net::Method::get, pattern, std::string(pattern) + parameters, kReader, std::move(path));
  }
  void write(const store::Writer::Work& work) { ASSERT_TRUE(writer_->write(work)); }
  std::string kept(std::string_view kind) {
    std::string id;
    write([&](store::Connection& connection) -> Status {
      const auto* const known = jobs::find_kind(jobs::known_kinds(), kind);
      LINNET_CHECK(jobs::keep_schedule(connection, *known, "", clock_.now()));
      LINNET_TRY(const auto job, jobs::find_alive(connection, kind, ""));
      id = std::to_string(job->id.value());
      return {};
    });
    return id;
  }

  ManualClock clock_{*parse_iso8601("2026-08-01T10:00:00Z")};
  std::unique_ptr<test::TestDatabase> database_;
  std::unique_ptr<store::Writer> writer_;
  std::unique_ptr<Api> api_;
  int woken_ = 0;
};

TEST_P(JobRoutesTest, WhatWasAskedForIsShownAsBefore) {
  const auto asked = post("/api/v1/events/replay", kAnalyst);
  ASSERT_TRUE(asked) << asked.error().message;
  EXPECT_EQ(woken_, 1);
  const std::string id(asked->at("job").as_string());
  const auto job = get("/api/v1/jobs/{id}", "", {id});
  ASSERT_TRUE(job) << job.error().message;
  EXPECT_EQ(job->at("id").as_string(), std::string_view(id));
  EXPECT_EQ(job->at("kind"), "replay");
  EXPECT_EQ(job->at("state"), "running") << "it is next in turn, and whoever asked waits for it";
  EXPECT_EQ(job->at("asked_by"), "ada");
  EXPECT_TRUE(job->at("result").is_null());
  const auto again = post("/api/v1/events/replay", kAnalyst);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().kind, ErrorKind::conflict);
  EXPECT_THAT(again.error().safe, HasSubstr(id));
}

TEST_P(JobRoutesTest, TheListHasPages) {
  for (const auto* const kind : {"retention", "summaries", "messages"}) kept(kind);
  const auto first = get("/api/v1/jobs", "?limit=2");
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ(first->at("items").as_array().size(), 2U);
  EXPECT_EQ(first->at("items").at(0).at("state"), "waiting");
  const auto second = get("/api/v1/jobs", "?limit=2&cursor=" + std::string(first->at("next").as_string()));
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_EQ(second->at("items").as_array().size(), 1U);
  EXPECT_TRUE(second->at("next").is_null());
  EXPECT_EQ(get("/api/v1/jobs", "?kind=retention")->at("items").as_array().size(), 1U);
  EXPECT_THAT(get("/api/v1/jobs", "?state=idle").error().safe, HasSubstr("state: expected"));
}

TEST_P(JobRoutesTest, EachKindTakesItsRight) {
  const auto id = kept("retention");
  EXPECT_EQ(post("/api/v1/jobs/{id}/cancel", kReader, {id}).error().kind, ErrorKind::denied);
  const auto analyst = post("/api/v1/jobs/{id}/cancel", kAnalyst, {id});
  ASSERT_FALSE(analyst);
  EXPECT_THAT(analyst.error().safe, HasSubstr("people"));
  EXPECT_EQ(post("/api/v1/job-kinds/{kind}/run", kAnalyst, {"backup"}).error().kind, ErrorKind::denied);
  const auto admin = post("/api/v1/jobs/{id}/cancel", kAdmin, {id});
  ASSERT_TRUE(admin) << admin.error().message;
  EXPECT_EQ(admin->at("due_at"), "2026-08-03T03:30:00.000Z") << "the next time was left out";
  ASSERT_TRUE(post("/api/v1/jobs/{id}/run", kAdmin, {id}));
  ASSERT_TRUE(post("/api/v1/job-kinds/{kind}/run", kAdmin, {"backup"}));
}

TEST_P(JobRoutesTest, ADayIsSummarisedByAJob) {
  const auto make = [&](std::string body) {
    return ask(net::Method::post, "/api/v1/summaries", "/api/v1/summaries", kAnalyst, {}, std::move(body));
  };
  EXPECT_THAT(make(R"({"date": "2026-07-30"})").error().safe, HasSubstr("instance_id: there is no"));
  write([&](store::Connection& connection) {
    return store::run(connection,
                      "INSERT INTO instances (id, platform, base_url, created_at) VALUES (1, 'mastodon', "
                      "'https://social.example', 0)");
  });
  const auto asked = make(R"({"date": "2026-07-30"})");
  ASSERT_TRUE(asked) << asked.error().message;
  const auto job = get("/api/v1/jobs/{id}", "", {std::string(asked->at("job").as_string())});
  EXPECT_EQ(job->at("kind"), "summarise");
  EXPECT_EQ(job->at("key"), "2026-07-30");
  EXPECT_EQ(make(R"({"date": "2026-07-30"})").error().kind, ErrorKind::conflict) << "that day is under way";
  EXPECT_TRUE(make(R"({"date": "2026-07-30", "instance_id": 1})"));
  EXPECT_TRUE(make("")) << "yesterday";
  EXPECT_THAT(make(R"({"date": "2026-08-02"})").error().safe, HasSubstr("date: that day has not begun"));
  EXPECT_EQ(make(R"({"instance_id": 7})").error().kind, ErrorKind::not_found);
  EXPECT_EQ(post("/api/v1/job-kinds/{kind}/run", kAdmin, {"summarise"}).error().kind, ErrorKind::invalid);
}

TEST_P(JobRoutesTest, WhatIsNotThereSaysSo) {
  for (const auto* const id : {"0", "7", "job-1", "1x", "99999999999999999999"})
    EXPECT_EQ(get("/api/v1/jobs/{id}", "", {id}).error().kind, ErrorKind::not_found) << id;
  EXPECT_EQ(post("/api/v1/job-kinds/{kind}/run", kAdmin, {"dishes"}).error().kind, ErrorKind::not_found);
  EXPECT_EQ(get("/api/v1/jobs", "?kind=dishes").error().kind, ErrorKind::invalid);
  const auto erase = post("/api/v1/job-kinds/{kind}/run", kAdmin, {"erase"});
  ASSERT_FALSE(erase);
  EXPECT_EQ(erase.error().kind, ErrorKind::invalid) << "that one asks once more";
  EXPECT_THAT(erase.error().safe, HasSubstr("linnet person erase")) << "and how is said";
}

TEST_P(JobRoutesTest, EveryKindNamesARightThatThereIs) {
  for (const auto& kind : jobs::known_kinds()) {
    EXPECT_TRUE(govern::parse_permission(kind.right)) << kind.name;
    EXPECT_EQ(kind.asked_for_by.empty(), kind.may_be_asked_for) << kind.name << " says how it is asked for";
  }
}

// Whom an erasure is about stands in no row, but sealed.
TEST(SealedAddress, IsReadWithItsKeyAlone) {
  const auto box = SecretBox::from_hex(std::string(64, 'a')).value();
  const jobs::JobId job(7);
  const auto input = seal_address(box, job, "@ada@social.example");
  ASSERT_TRUE(input);
  EXPECT_EQ(json::serialize(*input).find("ada"), std::string::npos);
  EXPECT_EQ(unseal_address(box, job, *input).value(), "@ada@social.example");
  EXPECT_FALSE(unseal_address(box, jobs::JobId(8), *input)) << "nor is it of use to another job";
  const auto other = unseal_address(SecretBox::from_hex(std::string(64, 'b')).value(), job, *input);
  ASSERT_FALSE(other);
  EXPECT_THAT(other.error().safe, HasSubstr("ask again"));
}

INSTANTIATE_TEST_SUITE_P(Engines, JobRoutesTest,
                         testing::Values(store::Engine::sqlite, store::Engine::postgres), test::engine_name);

}  // namespace
}  // namespace linnet::api
