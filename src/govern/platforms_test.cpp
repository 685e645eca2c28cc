// Which platforms there are, what each takes, what a person sets lower, and that all of it is on record.
#include "govern/platforms.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "govern/audit.hpp"
#include "govern/platform_capabilities.hpp"
#include "kit/test_database.hpp"
#include "store/writer.hpp"

namespace linnet::govern {
namespace {

using std::chrono::hours;
using testing::HasSubstr;

const Instant kNow = parse_iso8601("2026-08-01T12:00:00Z").value();
const CapabilityKey kText{"limits", "max_character_limit", ""};

CapabilityKey on(const std::string& server, CapabilityKey key = kText) {
  key.server = server;
  return key;
}

class PlatformsTest : public testing::TestWithParam<store::Engine> {
 protected:
  void SetUp() override {
    LINNET_SKIP_WITHOUT(GetParam());
    database_ = std::make_unique<test::TestDatabase>(GetParam());
    ASSERT_TRUE(fill_platforms(**database_, kNow));
    writer_ = std::move(store::Writer::start(**database_)).value();
  }
  Status write(const std::function<Status(store::Connection&)>& work) { return writer_->write(work); }
  void execute(const std::string& sql) {
    const auto done = write([&](store::Connection& connection) { return connection.execute(sql); });
    ASSERT_TRUE(done) << done.error().message;
  }
  std::int64_t count(const std::string& sql) {
    auto reader = (*database_)->reader();
    return store::query_integer(**reader, sql).value().value_or(0);
  }
  Status set(const std::string& platform, const CapabilityKey& key, const std::string& value) {
    return write([&](store::Connection& connection) {
      return set_capability(connection, platform, key, value, "ada", kNow);
    });
  }
  Status unset(const std::string& platform, const CapabilityKey& key) {
    return write([&](store::Connection& connection) {
      return unset_capability(connection, platform, key, "ada", kNow);
    });
  }
  Status change(const std::string& platform, const PlatformChange& change) {
    return write([&](store::Connection& connection) {
      return change_platform(connection, platform, change, "ada", kNow + hours(1));
    });
  }
  void state(const std::string& server, const connect::PlatformLimits& limits, Instant now = kNow) {
    const auto done = write([&](store::Connection& connection) {
      return note_stated(connection, "mastodon", server, values_of(limits), now);
    });
    ASSERT_TRUE(done) << done.error().message;
  }
  WhatIsTaken taken(const std::string& platform, const std::string& server,
                    const std::optional<connect::PlatformLimits>& fresh = {}) {
    auto reader = (*database_)->reader();
    return what_is_taken(platform_facts(**reader, platform, server).value(), {}, fresh);
  }
  Capability row(const std::string& platform, const CapabilityKey& key) {
    auto reader = (*database_)->reader();
    const auto all = list_capabilities(**reader, platform).value();
    for (const auto& one : all) {
      if (one.type == key.type && one.name == key.name && one.server == key.server) return one;
    }
    return {};
  }
  std::vector<AuditEntry> trail() {
    auto reader = (*database_)->reader();
    return list_audit(**reader, {}).value();
  }
  static connect::PlatformLimits characters(std::int64_t most) {
    connect::PlatformLimits limits;
    limits.text_length = most;
    return limits;
  }

  std::unique_ptr<test::TestDatabase> database_;
  std::unique_ptr<store::Writer> writer_;
};

TEST_P(PlatformsTest, AreThereFromTheBeginningWithWhatTheirConnectorsSay) {
  auto reader = (*database_)->reader();
  const auto all = list_platforms(**reader).value();
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0].name, "mastodon");
  EXPECT_EQ(all[1].display_name, "Bluesky");
  EXPECT_EQ(all[1].status, PlatformStatus::active);
  EXPECT_FALSE(all[1].description.empty());
  EXPECT_EQ(row("bluesky", kText).value, "300");
  EXPECT_EQ(row("bluesky", {"content", "text_unit", ""}).value, "graphemes");
  EXPECT_EQ(row("bluesky", {"api", "edit_post", ""}).value, "no");
  EXPECT_EQ(row("mastodon", {"api", "edit_post", ""}).value, "yes");
  EXPECT_EQ(row("mastodon", kText).value, "");  // each server has its own
  EXPECT_FALSE(row("bluesky", kText).description.empty());
  EXPECT_EQ(find_platform(**reader, "myspace").error().kind, ErrorKind::not_found);
  EXPECT_THAT(find_platform(**reader, "myspace").error().safe, HasSubstr("mastodon, bluesky, discord"));
}

TEST_P(PlatformsTest, AnotherStartChangesNothingThatPeopleChanged) {
  ASSERT_TRUE(change("bluesky", {"The blue one", "Ours", PlatformStatus::inactive, 5}));
  ASSERT_TRUE(set("bluesky", kText, "280"));
  ASSERT_TRUE(fill_platforms(**database_, kNow + hours(24)));
  auto reader = (*database_)->reader();
  const auto all = list_platforms(**reader).value();
  EXPECT_EQ(all[0].display_name, "The blue one");  // it comes first now
  EXPECT_EQ(all[0].description, "Ours");
  EXPECT_EQ(all[0].status, PlatformStatus::inactive);
  EXPECT_EQ(all[0].updated_at, kNow + hours(1));
  EXPECT_EQ(row("bluesky", kText).value, "280");
}

TEST_P(PlatformsTest, AnotherVersionOfTheProgramIsTakenUp) {
  execute(
      R"(UPDATE platform_capabilities
         SET stated_value = '250', capability_value = '250'
         WHERE capability_name = 'max_character_limit')");
  execute(
      R"(INSERT INTO platform_capabilities (platform_id, capability_type, capability_name,
           capability_value, stated_value, stated_at, created_at, updated_at)
         SELECT id, 'limits', 'max_media', '9', '9', 0, 0, 0 FROM platforms WHERE name = 'mastodon')");
  ASSERT_TRUE(fill_platforms(**database_, kNow + hours(24)));
  EXPECT_EQ(row("bluesky", kText).value, "300");
  EXPECT_FALSE(row("mastodon", {"limits", "max_media", ""}).is_active);
  EXPECT_TRUE(taken("mastodon", "a.example").is_server_unread);
}

TEST_P(PlatformsTest, AreSwitchedOffAndOnByName) {
  const auto is_on = [&] {
    auto reader = (*database_)->reader();
    return is_platform_on(**reader, "mastodon").value();
  };
  EXPECT_TRUE(is_on());
  PlatformChange off;
  off.status = PlatformStatus::inactive;
  ASSERT_TRUE(change("mastodon", off));
  EXPECT_FALSE(is_on());
  ASSERT_TRUE(change("mastodon", off));  // nothing new, nothing to write down
  const auto lines = trail();
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines[0].actor, "ada");
  EXPECT_EQ(lines[0].platform, "mastodon");
  EXPECT_EQ(boost::json::serialize(lines[0].details),
            R"({"what":"platform_changed","changed":{"status":["active","inactive"]}})");
  off.status = PlatformStatus::active;
  ASSERT_TRUE(change("mastodon", off));
  EXPECT_TRUE(is_on());
  EXPECT_EQ(change("myspace", off).error().kind, ErrorKind::not_found);
  EXPECT_EQ(change("mastodon", {" ", {}, {}, {}}).error().kind, ErrorKind::invalid);
  auto reader = (*database_)->reader();
  EXPECT_TRUE(is_platform_on(**reader, "not in the table").value());
}

TEST_P(PlatformsTest, ADeprecatedOneTakesNoFurtherServers) {
  execute(
      R"(INSERT INTO instances (id, platform, base_url, created_at)
         VALUES (7, 'mastodon', 'https://old.example', 0))");
  execute(
      R"(INSERT INTO accounts (id, platform, instance_id, platform_user_id, username, created_at,
           updated_at)
         VALUES ('a', 'mastodon', 7, '1', 'ada', 0, 0))");
  const auto refused = [&](const std::string& url) {
    auto reader = (*database_)->reader();
    const auto done = refuse_new_account(**reader, "mastodon", url);
    return done ? std::string() : done.error().safe;
  };
  EXPECT_EQ(refused("https://new.example"), "");
  PlatformChange next;
  next.status = PlatformStatus::deprecated;
  ASSERT_TRUE(change("mastodon", next));
  EXPECT_THAT(refused("https://new.example"), HasSubstr("deprecated"));
  EXPECT_EQ(refused("https://old.example"), "");  // to sign in again
  next.status = PlatformStatus::inactive;
  ASSERT_TRUE(change("mastodon", next));
  EXPECT_THAT(refused("https://old.example"), HasSubstr("linnet platform enable mastodon"));
}

TEST_P(PlatformsTest, SomethingIsSetLowerAndNeverHigher) {
  EXPECT_EQ(taken("bluesky", "bsky.social").limits->text_length, 300);
  ASSERT_TRUE(set("bluesky", kText, " 280 "));
  EXPECT_EQ(taken("bluesky", "bsky.social").limits->text_length, 280);
  EXPECT_EQ(row("bluesky", kText).value, "280");
  EXPECT_EQ(row("bluesky", kText).stated, "300");
  EXPECT_EQ(row("bluesky", kText).set_by, "ada");
  EXPECT_TRUE(set("bluesky", {"limits", "max_message_characters", ""}, "500"));
  EXPECT_FALSE(set("mastodon", {"limits", "max_message_characters", ""}, "500")) << "it counts them as posts";
  const auto higher = set("bluesky", kText, "301");
  ASSERT_FALSE(higher);
  EXPECT_THAT(higher.error().safe, HasSubstr("bluesky says 300 for limits/max_character_limit"));
  EXPECT_EQ(set("bluesky", {"content", "polls", ""}, "yes").error().kind, ErrorKind::invalid);
  ASSERT_TRUE(set("bluesky", {"content", "quotes", ""}, "no"));
  EXPECT_FALSE(taken("bluesky", "bsky.social").capabilities->quotes);
  ASSERT_TRUE(set("bluesky", {"api", "follow", ""}, "no"));
  EXPECT_FALSE(taken("bluesky", "x").capabilities->actions.contains(model::ActionType::follow));
  EXPECT_EQ(set("bluesky", {"media", "media_formats", ""}, "image/png, image/tiff").error().kind,
            ErrorKind::invalid);
  ASSERT_TRUE(set("bluesky", {"media", "media_formats", ""}, "image/png,image/jpeg"));
  EXPECT_EQ(taken("bluesky", "x").limits->media_types, (std::vector<std::string>{"image/png", "image/jpeg"}));
}

TEST_P(PlatformsTest, WhatWasSetIsTakenBack) {
  ASSERT_TRUE(set("bluesky", kText, "280"));
  ASSERT_TRUE(unset("bluesky", kText));
  EXPECT_EQ(row("bluesky", kText).value, "300");
  EXPECT_FALSE(row("bluesky", kText).set);
  EXPECT_EQ(unset("bluesky", kText).error().kind, ErrorKind::not_found);
  const auto lines = trail();
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(boost::json::serialize(lines[1].details),
            R"({"what":"platform_limit_changed","capability":"limits/max_character_limit","server":"",)"
            R"("changed":[null,"280"]})");
  EXPECT_THAT(boost::json::serialize(lines[0].details), HasSubstr(R"("changed":["280",null])"));
}

TEST_P(PlatformsTest, BadInputIsOneClearError) {
  const auto said = [](const Status& done) { return done ? std::string() : done.error().safe; };
  EXPECT_THAT(said(set("myspace", kText, "1")), HasSubstr("platform: expected one of"));
  EXPECT_THAT(said(set("bluesky", {"limit", "x", ""}, "1")), HasSubstr("type: expected content"));
  EXPECT_THAT(said(set("bluesky", {"limits", "x", ""}, "1")),
              HasSubstr("name: expected one of max_character_limit"));
  for (const char* value : {"", "many", "-1", "1.5", "99999999999999999999", "1 2"})
    EXPECT_THAT(said(set("bluesky", kText, value)), HasSubstr("a whole number from 0")) << value;
  EXPECT_THAT(said(set("bluesky", {"content", "quotes", ""}, "false")), HasSubstr("yes or no"));
  EXPECT_THAT(said(set("bluesky", {"media", "media_formats", ""}, "png")), HasSubstr("image/png"));
  EXPECT_THAT(said(set("bluesky", {"limits", "characters_per_link", ""}, "1")), HasSubstr("cannot be set"));
  EXPECT_THAT(said(set("mastodon", on("two words"), "1")), HasSubstr("server: expected a host"));
  EXPECT_TRUE(trail().empty());
}

TEST_P(PlatformsTest, EachServerSaysForItself) {
  EXPECT_FALSE(taken("mastodon", "a.example").limits);
  EXPECT_TRUE(taken("mastodon", "a.example").is_server_unread);
  EXPECT_TRUE(taken("mastodon", "a.example").capabilities);
  state("a.example", characters(500));
  state("b.example", characters(5'000));
  EXPECT_EQ(taken("mastodon", "a.example").limits->text_length, 500);
  EXPECT_EQ(taken("mastodon", "b.example").limits->text_length, 5'000);
  EXPECT_FALSE(taken("mastodon", "b.example").is_server_unread);
  EXPECT_TRUE(taken("mastodon", "c.example").is_server_unread);
  state("b.example", characters(4'000), kNow + hours(1));
  EXPECT_EQ(taken("mastodon", "b.example").limits->text_length, 4'000);
  EXPECT_EQ(taken("mastodon", "a.example").limits->text_length, 500);
}

TEST_P(PlatformsTest, WhatAServerSaysAgainIsNotWrittenEachTime) {
  state("a.example", characters(500));
  state("a.example", characters(500), kNow + hours(1));
  EXPECT_EQ(row("mastodon", on("a.example")).stated_at, kNow);
  state("a.example", characters(500), kNow + hours(7));
  EXPECT_EQ(row("mastodon", on("a.example")).stated_at, kNow + hours(7));
}

TEST_P(PlatformsTest, ASettingHoldsForOneServerOrForAll) {
  state("a.example", characters(500));
  state("b.example", characters(5'000));
  ASSERT_TRUE(set("mastodon", kText, "2000"));  // some server takes that much
  EXPECT_FALSE(set("mastodon", kText, "5001"));
  EXPECT_FALSE(set("mastodon", on("a.example"), "501"));
  ASSERT_TRUE(set("mastodon", on("https://A.example/"), "100"));
  EXPECT_EQ(taken("mastodon", "a.example").limits->text_length, 100);
  EXPECT_EQ(taken("mastodon", "b.example").limits->text_length, 2'000);
  // The server comes to take less than what was set: less counts.
  state("b.example", characters(1'000), kNow + hours(1));
  EXPECT_EQ(taken("mastodon", "b.example").limits->text_length, 1'000);
  // Of a server that said nothing, what was set is all that is known.
  const auto unread = taken("mastodon", "c.example");
  EXPECT_TRUE(unread.is_server_unread);
  EXPECT_EQ(unread.limits->text_length, 2'000);
  EXPECT_EQ(unread.limits->media_count, std::nullopt);
  ASSERT_TRUE(unset("mastodon", kText));
  EXPECT_EQ(count(
                R"(SELECT COUNT(*) FROM platform_capabilities
                   WHERE capability_name = 'max_character_limit' AND server = ''
                     AND platform_id = (SELECT id FROM platforms WHERE name = 'mastodon'))"),
            0);
}

TEST_P(PlatformsTest, WhatIsFreshComesBeforeWhatIsKept) {
  state("a.example", characters(500));
  EXPECT_EQ(taken("mastodon", "a.example", characters(700)).limits->text_length, 700);
  ASSERT_TRUE(set("mastodon", on("a.example"), "450"));
  EXPECT_EQ(taken("mastodon", "a.example", characters(700)).limits->text_length, 450);
  EXPECT_EQ(taken("mastodon", "a.example", characters(400)).limits->text_length, 400);
}

// What was once kept, a guess of an older version among it, does not outlive what the server says now.
TEST_P(PlatformsTest, WhatAFreshAnswerLeavesOutIsNotKnown) {
  auto kept = characters(500);
  kept.media_count = 4;
  state("a.example", kept);
  const auto now = taken("mastodon", "a.example", characters(700));
  EXPECT_EQ(now.limits->text_length, 700);
  EXPECT_EQ(now.limits->media_count, std::nullopt);
}

TEST_P(PlatformsTest, WhatIsNoLongerSaidDoesNotCount) {
  const auto say = [&](const CapabilityValues& values) {
    ASSERT_TRUE(write([&](store::Connection& connection) {
      return note_stated(connection, "mastodon", "a.example", values, kNow);
    }));
  };
  say({{"limits/max_character_limit", "500"}, {"limits/max_media", "4"}});
  ASSERT_TRUE(set("mastodon", on("a.example"), "400"));
  say({{"limits/max_media", "4"}});
  EXPECT_EQ(taken("mastodon", "a.example").limits->text_length, 400);
  EXPECT_FALSE(row("mastodon", on("a.example")).stated);
  say({{"limits/max_character_limit", "300"}});
  EXPECT_FALSE(row("mastodon", on("a.example", {"limits", "max_media", ""})).is_active);
  EXPECT_EQ(taken("mastodon", "a.example").limits->text_length, 300);
  EXPECT_EQ(taken("mastodon", "a.example").limits->media_count, std::nullopt);
}

TEST_P(PlatformsTest, APlatformThatIsNotInTheTableIsPassedOver) {
  ASSERT_TRUE(write([&](store::Connection& connection) {
    return note_stated(connection, "myspace", "a.example", values_of(characters(1)), kNow);
  }));
  EXPECT_FALSE(taken("myspace", "a.example").limits);
  EXPECT_TRUE(taken("myspace", "a.example").is_server_unread);
}

// Before servers had limits of their own there was no place for them.
TEST_P(PlatformsTest, WhatStoodThereBeforeIsKeptByTheMigrationsBothWays) {
  state("a.example", characters(500));
  ASSERT_TRUE(set("bluesky", kText, "280"));
  const auto has_servers = [&] {
    const auto states = store::migration_states(**database_).value();
    return std::any_of(states.begin(), states.end(),
                       [](const auto& state) { return state.name == "platforms" && state.applied_at; });
  };
  while (has_servers()) ASSERT_TRUE(store::rollback(**database_, store::Part::tables));
  EXPECT_EQ(count("SELECT COUNT(*) FROM platform_capabilities WHERE capability_value = '280'"), 1);
  EXPECT_EQ(count("SELECT COUNT(*) FROM platform_capabilities WHERE capability_value = '500'"), 0);
  execute("UPDATE platform_capabilities SET capability_value = '260' WHERE capability_value = '280'");
  ASSERT_TRUE(store::migrate(**database_));
  ASSERT_TRUE(fill_platforms(**database_, kNow));
  EXPECT_EQ(row("bluesky", kText).stated, "300");
  EXPECT_EQ(row("bluesky", kText).set, "260");
  EXPECT_FALSE(row("bluesky", {"content", "quotes", ""}).set);
  EXPECT_EQ(taken("bluesky", "bsky.social").limits->text_length, 260);
  EXPECT_TRUE(taken("mastodon", "a.example").is_server_unread);
}

INSTANTIATE_TEST_SUITE_P(Engines, PlatformsTest,
                         testing::Values(store::Engine::sqlite, store::Engine::postgres), test::engine_name);

}  // namespace
}  // namespace linnet::govern
