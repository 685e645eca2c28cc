// What only the followers of an author see stands in no list and no figure but those that ask for it.
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <set>

#include "analyze/daily_summaries.hpp"
#include "analyze/domain_stats.hpp"
#include "analyze/followers.hpp"
#include "analyze/hashtag_figures.hpp"
#include "analyze/post_list.hpp"
#include "analyze/tag_activity.hpp"
#include "analyze/velocity.hpp"
#include "api/live_messages.hpp"
#include "api/routes.hpp"
#include "kit/test_database.hpp"
#include "observe/ingest.hpp"
#include "observe/own_facts.hpp"

namespace linnet::api {
namespace {

namespace json = boost::json;
using store::Engine;

class FollowersOnlyTest : public testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    LINNET_SKIP_WITHOUT(GetParam());
    database_ = std::make_unique<test::TestDatabase>(GetParam());
    auto writer = store::Writer::start(**database_).value();
    instance_ =
        observe::find_or_add_instance(*writer, "https://social.example", "mastodon", clock_.now()).value();
    auto ingest = observe::Ingest::start(**database_, *writer, clock_, {}).value();
    std::vector<observe::RawEvent> events;
    const auto add = [&](const json::object& status, std::string_view at) {
      events.push_back({instance_, json::serialize(json::object{
                                       {"received_at", at}, {"event", "update"}, {"payload", status}})});
    };
    for (const char* visibility : {"public", "private"}) {
      auto post = status(visibility);
      add(post, "2026-08-01T11:50:05Z");
      post["content"] = "<p>another harbour #boats</p>";
      post["edited_at"] = "2026-08-01T11:52:00Z";
      post["favourites_count"] = 900;
      add(post, "2026-08-01T11:55:00Z");
      post["in_reply_to_id"] = post["id"];
      post["id"] = std::string(visibility) + "-reply";
      post["visibility"] = "private";
      add(post, "2026-08-01T11:55:00Z");
    }
    ASSERT_TRUE(ingest->submit(std::move(events)));
    ASSERT_TRUE(ingest->drain());
  }

  static json::object status(std::string_view visibility) {
    return {{"id", visibility},
            {"created_at", "2026-08-01T11:50:00Z"},
            {"edited_at", nullptr},
            {"content", "<p>harbour #boats</p>"},
            {"language", "en"},
            {"visibility", visibility},
            {"replies_count", 0},
            {"reblogs_count", 0},
            {"favourites_count", 1},
            {"account", json::object{{"id", visibility}, {"username", visibility}, {"acct", visibility}}},
            {"tags", json::array{json::object{{"name", "boats"}},
                                 json::object{{"name", std::string(visibility) + "boats"}}}}};
  }
  // Takes events in while the program runs, and tells what the others are told of it.
  std::vector<observe::AppliedChange> take(const std::vector<std::string>& lines) {
    std::vector<observe::AppliedChange> told;
    auto writer = store::Writer::start(**database_).value();
    auto ingest = observe::Ingest::start(**database_, *writer, clock_, {}, [&](const auto& batch) {
                    told.insert(told.end(), batch.changes.begin(), batch.changes.end());
                  }).value();
    std::vector<observe::RawEvent> events;
    for (const auto& line : lines) events.push_back({instance_, line});
    EXPECT_TRUE(ingest->submit(std::move(events)));
    EXPECT_TRUE(ingest->drain());
    return told;
  }
  static std::string line(const json::object& status, std::string_view at = "2026-08-01T11:58:00Z") {
    return json::serialize(json::object{{"received_at", at}, {"event", "update"}, {"payload", status}});
  }
  static std::string deletion(std::string_view id) {
    return json::serialize(
        json::object{{"received_at", "2026-08-01T11:59:00Z"}, {"event", "delete"}, {"payload", id}});
  }
  json::object ask(std::vector<Route> routes, std::string_view pattern, std::string target,
                   const govern::Permissions& permissions, std::vector<std::string> path = {}) {
    auto writer = store::Writer::start(**database_).value();
    Api api(ApiDependencies{.database = **database_, .writer = *writer, .clock = clock_});
    const auto request = net::Request::make(net::Method::get, std::move(target));
    govern::Who who;
    who.permissions = permissions;
    net::Headers headers;
    std::string content_type;
    for (const auto& route : routes) {
      if (route.method != net::Method::get || route.pattern != pattern) continue;
      const auto answer = route.handler(Call{api, request, std::move(path), who, headers, content_type});
      EXPECT_TRUE(answer) << answer.error().message;
      return answer ? answer->as_object() : json::object();
    }
    ADD_FAILURE() << "no route " << pattern;
    return {};
  }
  std::vector<std::string> list(const analyze::PostFilter& filter) {
    auto reader = (*database_)->reader();
    std::vector<std::string> ids;
    const auto page = analyze::list_posts(**reader, filter);
    EXPECT_TRUE(page);
    for (const auto& post : page->items) ids.push_back(post.id);
    return ids;
  }

  ManualClock clock_{*parse_iso8601("2026-08-01T12:00:00Z")};
  InstanceId instance_{};
  std::unique_ptr<test::TestDatabase> database_;
};

INSTANTIATE_TEST_SUITE_P(Engines, FollowersOnlyTest, testing::Values(Engine::sqlite, Engine::postgres),
                         test::engine_name);

using Ids = std::vector<std::string>;

TEST_P(FollowersOnlyTest, lists_leave_it_out_but_the_one_that_asks_for_it) {
  EXPECT_EQ(list({}), Ids{"public"});
  EXPECT_EQ(list({.tag = "boats"}), Ids{"public"});
  EXPECT_EQ(list({.author = "private"}), Ids{});
  EXPECT_EQ(list({.by_engagement = true}), Ids{"public"});
  EXPECT_EQ(list({.followers_only = true}).size(), 3U);
}

TEST_P(FollowersOnlyTest, edits_velocity_and_threads_leave_it_out) {
  auto reader = (*database_)->reader();
  const auto edited = analyze::edited_posts(**reader, false, 10);
  ASSERT_TRUE(edited);
  ASSERT_EQ(edited->size(), 1U);
  EXPECT_EQ(edited->front().post.id, "public");
  analyze::VelocityQuestion question;
  question.at = clock_.now();
  const auto fast = analyze::fast_posts(**reader, question);
  ASSERT_TRUE(fast);
  ASSERT_EQ(fast->size(), 1U);
  EXPECT_EQ(fast->front().id, "public");
  const auto post = analyze::find_post(**reader, instance_, "public");
  ASSERT_TRUE(post);
  EXPECT_EQ(analyze::thread_of(**reader, *post)->size(), 1U);
  const auto hidden = analyze::find_post(**reader, instance_, "private");
  ASSERT_TRUE(hidden);
  EXPECT_TRUE(hidden->followers_only);
  EXPECT_EQ(analyze::thread_of(**reader, *hidden)->size(), 2U);
}

TEST_P(FollowersOnlyTest, trends_and_related_hashtags_do_not_tell_of_it) {
  auto reader = (*database_)->reader();
  for (const auto method :
       {analyze::TrendMethod::growth, analyze::TrendMethod::spike, analyze::TrendMethod::burst}) {
    analyze::TrendQuestion question;
    question.method = method;
    question.at = clock_.now();
    question.min_posts = 1;
    const auto tags = analyze::trending_hashtags(**reader, question);
    ASSERT_TRUE(tags);
    for (const auto& tag : *tags) EXPECT_NE(tag.name, "privateboats");
  }
  const auto listed = analyze::list_hashtags(**reader, "", 50);
  ASSERT_TRUE(listed);
  for (const auto& tag : *listed) EXPECT_NE(tag.name, "privateboats");
  const auto related = analyze::related_hashtags(**reader, "boats", clock_.now(), std::chrono::hours(24), 10);
  ASSERT_TRUE(related);
  ASSERT_EQ(related->size(), 1U);
  EXPECT_EQ(related->front().name, "publicboats");
}

// As the daemon answers, from memory: also of what comes in and changes while it runs.
TEST_P(FollowersOnlyTest, the_memory_of_hashtags_does_not_tell_of_it) {
  analyze::TagActivity activity;
  analyze::TrendQuestion question;
  question.at = clock_.now();
  question.min_posts = 1;
  const auto expect_as_the_tables = [&] {
    auto reader = (*database_)->reader();
    ASSERT_TRUE(activity.advance(**reader, clock_.now()));
    const auto from_memory = activity.trending(question);
    const auto from_tables = analyze::trending_hashtags(**reader, question);
    ASSERT_TRUE(from_memory && from_tables);
    ASSERT_EQ(from_memory->size(), from_tables->size());
    for (std::size_t i = 0; i < from_memory->size(); ++i) {
      EXPECT_EQ((*from_memory)[i].name, (*from_tables)[i].name);
      EXPECT_EQ((*from_memory)[i].recent, (*from_tables)[i].recent) << (*from_memory)[i].name;
    }
  };
  const auto change = [&](const std::vector<std::string>& lines) {
    for (const auto& told : take(lines))
      if (told.kind == observe::AppliedChange::Kind::edit)
        activity.note_changed(told.instance, told.post.value());
  };
  expect_as_the_tables();
  auto clinic = status("private");
  clinic["id"] = "clinic";
  clinic["tags"] = json::array{json::object{{"name", "OurClinicNow"}}};
  change({line(clinic)});
  expect_as_the_tables();
  clinic["content"] = "<p>edited</p>";
  clinic["edited_at"] = "2026-08-01T11:58:30Z";
  change({line(clinic, "2026-08-01T11:58:40Z")});
  expect_as_the_tables();
  auto hidden = status("public");
  hidden["visibility"] = "private";
  change({line(hidden)});
  expect_as_the_tables();
}

TEST_P(FollowersOnlyTest, figures_do_not_count_it) {
  auto writer = store::Writer::start(**database_).value();
  auto reader = (*database_)->reader();
  while (analyze::follow_with_sentiment(**reader, *writer, clock_, 100).value()) {
  }
  const auto number = [&](std::string_view sql) {
    return store::query_integer(**reader, sql).value().value_or(0);
  };
  const auto now = clock_.now();
  ASSERT_TRUE(analyze::refresh_domain_stats(**reader, *writer, now - std::chrono::hours(24), now));
  EXPECT_EQ(number("SELECT sum(post_count) FROM hourly_domain_stats"), 1);
  const auto history = analyze::hashtag_history(**reader, "boats", now, 24);
  ASSERT_TRUE(history);
  std::int64_t posts = 0;
  for (const auto& hour : history->hours) posts += hour.posts;
  EXPECT_EQ(posts, 1);
  EXPECT_FALSE(analyze::hashtag_history(**reader, "privateboats", now, 24));
  const auto listed = analyze::list_hashtags(**reader, "boats", 50);
  ASSERT_TRUE(listed);
  ASSERT_EQ(listed->size(), 1U);
  EXPECT_EQ(listed->front().posts, 1);
  const auto day = analyze::count_day(**reader, instance_, *parse_iso8601("2026-08-01T00:00:00Z"));
  ASSERT_TRUE(day);
  EXPECT_EQ(day->edits, 1);
  ASSERT_GT(number("SELECT count(*) FROM post_sentiments WHERE post_id <> 'public'"), 0);
  const auto stats = ask(forkalytics_routes(), "/api/stats", "/api/stats", {govern::Permission::read});
  EXPECT_EQ(stats.at("sentiment").at("total_analyzed").as_int64(), 2) << "both versions of the one post";
  take({deletion("private")});
  EXPECT_EQ(analyze::count_day(**reader, instance_, *parse_iso8601("2026-08-01T00:00:00Z"))->deletions, 0);
}

TEST_P(FollowersOnlyTest, its_deletion_goes_to_nobody) {
  const auto told = take({deletion("private"), deletion("public")});
  auto reader = (*database_)->reader();
  std::vector<std::string> ids;
  for (const auto& change : told)
    if (const auto message = message_about(**reader, change)) ids.emplace_back(message->at("id").as_string());
  EXPECT_EQ(ids, std::vector<std::string>{"public"});
}

TEST_P(FollowersOnlyTest, the_list_of_events_does_not_name_it) {
  take({deletion("private"), deletion("public"), deletion("999")});
  const govern::Permissions viewer{govern::Permission::read};
  const govern::Permissions analyst{govern::Permission::read, govern::Permission::audit};
  const auto named = [&](const govern::Permissions& who, const std::string& parameters) {
    std::set<std::string> ids;
    const auto answer = ask(event_routes(), "/api/v1/events", "/api/v1/events" + parameters, who);
    for (const auto& event : answer.at("items").as_array())
      if (event.at("status_id").is_string()) ids.emplace(event.at("status_id").as_string());
    return ids;
  };
  EXPECT_EQ(named(viewer, ""), (std::set<std::string>{"999", "public"}));
  EXPECT_EQ(named(viewer, "?status_id=private"), std::set<std::string>{});
  EXPECT_EQ(named(viewer, "?status_id=public"), std::set<std::string>{"public"});
  EXPECT_EQ(named(analyst, "").size(), 5U);
  EXPECT_EQ(named(analyst, "?status_id=private"), std::set<std::string>{"private"});
  const auto payload = [&](const govern::Permissions& who, const std::string& id) {
    return ask(event_routes(), "/api/v1/events/{id}", "/api/v1/events/" + id, who, {id}).at("payload");
  };
  EXPECT_TRUE(payload(viewer, "7").is_null()) << "a deletion says nothing but the id";
  EXPECT_EQ(payload(analyst, "7"), "private");
  EXPECT_EQ(payload(viewer, "8"), "public");
}

TEST_P(FollowersOnlyTest, what_linnet_did_itself_names_no_post_to_everybody) {
  {
    auto writer = store::Writer::start(**database_).value();
    auto ingest = observe::Ingest::start(**database_, *writer, clock_, {}).value();
    const observe::PostsRemoved fact{"a rule", clock_.now(), instance_, {"private"}};
    ASSERT_TRUE(ingest->submit({{observe::kLinnet, observe::line_of(fact, clock_.now())}}));
    ASSERT_TRUE(ingest->drain());
  }
  const auto shown = [&](const govern::Permissions& who) {
    return ask(event_routes(), "/api/v1/events/{id}", "/api/v1/events/7", who, {"7"});
  };
  const auto to_viewer = shown({govern::Permission::read});
  EXPECT_EQ(to_viewer.at("event_type"), "retention.posts_removed");
  EXPECT_TRUE(to_viewer.at("payload").is_null());
  EXPECT_EQ(json::serialize(to_viewer).find("private"), std::string::npos);
  EXPECT_TRUE(shown({govern::Permission::read, govern::Permission::audit}).at("payload").is_object());
}

}  // namespace
}  // namespace linnet::api
