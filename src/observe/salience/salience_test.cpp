// The ledger follows from the log alone: whatever the batches, the engine, and whether it was made at once or
// anew.
#include <gmock/gmock.h>

#include "observe/ingest_fixture.hpp"
#include "observe/messages/chat_fixture.hpp"
#include "observe/own_facts.hpp"
#include "observe/person_erasure.hpp"
#include "observe/prune_log.hpp"
#include "observe/replay.hpp"
#include "observe/salience/own_lines.hpp"
#include "observe/salience/remake.hpp"
#include "observe/salience/salience_applier.hpp"
#include "observe/salience/seen_again.hpp"
#include "observe/salience/topic_list.hpp"

namespace linnet::observe {
namespace {

using store::Engine;

class SalienceTest : public ChatFixture {
 protected:
  // What stands there once the ledger was made anew from the same events.
  std::string digest_made_anew(std::span<const model::Event> events) {
    salience::SeenAgain seen;
    salience::LedgerWriter ledger;
    const auto done = writer_->write([&](store::Connection& connection) -> Status {
      for (const auto* const table : {"salience_pages", "salience_causes", "topic_balances", "topics",
                                      "salience_holders", "salience_settings"})
        LINNET_CHECK(connection.execute(fmt::format("DELETE FROM {}", table)));
      std::vector<salience::Happening> found;
      for (const auto& event : events) LINNET_CHECK(seen.find(connection, event, found));
      return ledger.apply(connection, events, found);
    });
    EXPECT_TRUE(done) << done.error().message;
    return digest();
  }
};

INSTANTIATE_TEST_SUITE_P(Engines, SalienceTest, testing::Values(Engine::sqlite, Engine::postgres),
                         test::engine_name);

TEST_P(SalienceTest, AMessageEarnsInTheTransactionThatTakesIt) {
  ChatEvents events;
  auto message = events.message("100", "ann");
  message.mentions = {events.account("bob"), events.account("robot", true)};
  events.add({message});
  events.add({message});  // told twice
  auto edit = message;
  edit.is_edit = true;
  edit.content = "another";
  edit.edited_at = events.now();
  events.add({edit});
  apply(events.all());
  EXPECT_EQ(balance("server:s:user:ann"), 1);
  EXPECT_EQ(balance("server:s:channel:c"), 1);
  EXPECT_EQ(balance("server:s:user_in_channel:c:ann"), 1);
  EXPECT_EQ(balance("server:s:user:bob"), 2);
  EXPECT_EQ(number("SELECT count(*) FROM salience_ledger"), 4);
  EXPECT_EQ(text("SELECT reason FROM salience_causes"), "100");
  EXPECT_EQ(number("SELECT created_at FROM salience_causes"), to_micros(events.all()[0].received_at));
  expect_sound();
}

TEST_P(SalienceTest, RepliesThreadsAndReactionsFindTheirPeople) {
  ChatEvents events;
  events.add({events.channel("t", model::ChannelKind::thread, "c", true)});
  events.add({events.message("100", "ann", "t")});
  auto answer = events.message("101", "bob", "c");
  answer.reply_to_id = "100";
  events.add({answer});
  events.add({events.reaction("100", "bob", "👍")});
  auto webhook = events.message("102", "hook", "c");
  webhook.is_webhook = true;
  events.add({webhook});
  events.add({events.reaction("102", "bob", "👍")});
  apply(events.all(), 2);
  EXPECT_DOUBLE_EQ(balance("server:s:thread:t"), 3.9)
      << "2 begun, 1 of the message, thrice a share of its channel's";
  EXPECT_DOUBLE_EQ(balance("server:s:user_in_channel:c:ann"), 1);
  EXPECT_DOUBLE_EQ(balance("server:s:dyad:ann:bob"), 2.45) << "1.5 answered, 0.5 reacted, thrice a share";
  EXPECT_EQ(balance("server:s:user:hook"), -1e-6) << "there is none";
  expect_sound();
}

TEST_P(SalienceTest, WhoLacksTheRoleIsNobodyByName) {
  ChatEvents events;
  events.add_fact("salience.settings", R"({"settings":"gate_role.s=r"})");
  auto known = events.message("100", "ann");
  known.member =
      model::MemberSighting{"s", events.account("ann"), {}, std::vector<std::string_view>{"r"}, {}, false};
  events.add({known});
  auto unknown = events.message("101", "bob");
  unknown.member =
      model::MemberSighting{"s", events.account("bob"), {}, std::vector<std::string_view>{}, {}, false};
  unknown.reply_to_id = "100";
  unknown.mentions = {events.account("ann")};
  events.add({unknown});
  auto to_nobody = events.message("102", "ann");
  to_nobody.reply_to_id = "101";
  to_nobody.mentions = {events.account("bob")};
  events.add({to_nobody});
  events.add({events.reaction("100", "bob", "👍")});
  apply(events.all(), 2, 1);
  EXPECT_EQ(number("SELECT count(*) FROM topics WHERE key LIKE '%bob%'"), 0);
  EXPECT_EQ(number("SELECT count(*) FROM topics WHERE category = 'emoji'"), 0);
  EXPECT_GE(balance("server:s:channel:c"), 3);
  // Who loses the role is nobody from then on.
  events.add(
      {model::MemberSighting{"s", events.account("ann"), {}, std::vector<std::string_view>{}, {}, false}});
  events.add({events.message("103", "ann")});
  const auto before = balance("server:s:user:ann");
  apply(events.all().last(2), 2, 1);
  EXPECT_EQ(balance("server:s:user:ann"), before);
  expect_sound();
}

TEST_P(SalienceTest, FactsTakeAwayInTheirPlace) {
  ChatEvents events;
  for (int i = 0; i < 10; ++i) events.add({events.message(events.keep(fmt::format("1{:02}", i)), "ann")});
  events.add_fact("salience.spent", R"({"run":"run1","topic":"server:s:channel:c","tokens":4000})");
  events.add({events.message("200", "bob")});
  events.pass(std::chrono::days(8));
  events.add_fact("salience.day_ended", R"({"day":"2026-08-08"})");
  events.add_fact("salience.day_ended", R"({"day":"2026-08-08"})");
  events.add_fact("salience.day_ended", R"({"day":"2026-08-09"})");
  events.add_fact("salience.reset",
                  R"({"reason":"run2","topics":["server:s:user:bob","server:s:user:nobody"]})");
  events.add_fact("salience.subjects",
                  R"({"run":"run3","server":"s","subjects":[{"name":"Boats","importance":500000}]})");
  events.add_fact("salience.direct_message", R"({"reason":"","user":"ann"})");
  apply(events.all(), 3);
  EXPECT_EQ(number("SELECT count(*) FROM salience_ledger l JOIN topics t ON t.id = l.topic_id WHERE t.key = "
                   "'server:s:channel:c' AND l.place % 16 IN (6, 7, 8)"),
            3);
  EXPECT_EQ(number("SELECT count(*) FROM salience_ledger l JOIN topics t ON t.id = l.topic_id WHERE t.key = "
                   "'server:s:user:ann' AND l.place % 16 = 5"),
            2)
      << "a day is counted once";
  EXPECT_EQ(balance("server:s:user:bob"), 0);
  EXPECT_EQ(balance("server:s:subject:boats"), 5);
  EXPECT_EQ(balance("user:ann"), 1.5);
  expect_sound();
}

// Any life of a server, with everything in it that the ledger knows.
void any_life(ChatEvents& events, std::uint32_t seed, int count) {
  std::minstd_rand random(seed);
  const auto below = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
  const auto person = [&] { return events.keep(fmt::format("p{}", below(6))); };
  const auto any_message = [&] { return events.keep(fmt::format("{}", 1'000 + below(60))); };
  if (seed % 3 == 0)
    events.add_fact("salience.settings",
                    R"({"settings":"cap_user=6, cap_user_in_channel=3, propagated_to=2"})");
  if (seed % 3 == 1) events.add_fact("salience.settings", R"({"settings":"gate_role.s=r, focus.s=1.3"})");
  for (int i = 0; i < count; ++i) {
    const auto kind = below(20);
    if (kind == 0) {
      events.add({events.channel(events.keep(fmt::format("t{}", below(3))), model::ChannelKind::thread, "c",
                                 below(2) == 0)});
    } else if (kind < 4) {
      events.add({events.reaction(any_message(), person(), below(2) == 0 ? "👍" : "🎉",
                                  below(4) == 0 ? model::ReactionSighting::Change::removed
                                                : model::ReactionSighting::Change::added)});
    } else if (kind == 4) {
      events.add_fact("salience.spent",
                      fmt::format(R"({{"run":"r{}","topic":"server:s:user:{}","tokens":{}}})", i, person(),
                                  below(9'000)));
    } else if (kind == 5) {
      events.pass(std::chrono::days(below(6)));
      events.add_fact("salience.day_ended",
                      fmt::format(R"({{"day":"{}"}})", to_iso8601(events.now()).substr(0, 10)));
    } else if (kind == 6) {
      events.add_fact("salience.direct_message", fmt::format(R"({{"reason":"","user":"{}"}})", person()));
    } else if (kind == 7) {
      events.add({model::MessagesGone{"s", "c", {any_message(), any_message()}}});
    } else if (kind == 8 && seed % 3 == 1) {
      std::vector<std::string_view> roles;
      if (below(2) == 0) roles.emplace_back("r");
      const auto who = person();
      events.add({model::MemberSighting{"s", events.account(who), {}, roles, {}, false}});
    } else {
      const auto author = person();
      auto message = events.message(any_message(), author,
                                    below(3) == 0 ? events.keep(fmt::format("t{}", below(3)))
                                                  : events.keep(fmt::format("c{}", below(2))),
                                    events.keep(fmt::format("words {}", below(5))));
      if (below(5) == 0) message.server_id = "s2";
      if (below(3) == 0) message.reply_to_id = any_message();
      if (below(4) == 0) message.mentions = {events.account(person())};
      message.has_links = below(4) == 0;
      if (below(5) == 0) message.is_edit = true, message.edited_at = events.now();
      if (below(3) == 0)
        message.member = model::MemberSighting{
            "s", events.account(author), {}, std::vector<std::string_view>{"r", "q"}, {}, false};
      events.add({message});
    }
  }
}

TEST_P(SalienceTest, BatchesAndEnginesMakeNoDifference) {
  for (std::uint32_t seed = 1; seed <= 6; ++seed) {
    ChatEvents events;
    any_life(events, seed, 250);
    std::set<std::string> digests;
    for (const auto& [batch, batches] : {std::pair{1'000, 1'000}, {1, 1}, {7, 3}, {40, 1'000}}) {
      begin(batch == 40 ? Engine::sqlite : GetParam());
      apply(events.all(), static_cast<std::size_t>(batch), static_cast<std::size_t>(batches));
      expect_sound();
      digests.insert(digest());
    }
    EXPECT_EQ(digests.size(), 1U) << "seed " << seed;
  }
}

TEST_P(SalienceTest, MadeAnewItIsTheSame) {
  for (std::uint32_t seed = 1; seed <= 6; ++seed) {
    begin(GetParam());
    ChatEvents events;
    any_life(events, seed, 250);
    apply(events.all(), 13);
    const auto before = digest();
    EXPECT_EQ(digest_made_anew(events.all()), before) << "seed " << seed;
    expect_sound();
  }
}

TEST_P(SalienceTest, TheViewNamesEntriesAsTheProgramDoes) {
  ChatEvents events;
  any_life(events, 2, 60);
  apply(events.all());
  auto reader = (*database_)->reader();
  std::set<std::string> in_view;
  ASSERT_TRUE(store::for_each_row(**reader,
                                  "SELECT id || topic_key || entry_type || kind FROM salience_entries", {},
                                  [&](const store::Statement& row) { in_view.emplace(row.text(0)); }));
  const auto topics = salience::list_topics(**reader, {.limit = 10'000});
  ASSERT_TRUE(topics) << topics.error().message;
  std::set<std::string> listed;
  double sum = 0;
  for (const auto& topic : topics->items) {
    const auto entries = salience::ledger_of(**reader, topic.key, 10'000);
    ASSERT_TRUE(entries) << entries.error().message;
    double balance = 0;
    for (const auto& entry : *entries) {
      listed.insert(entry.id + topic.key + entry.entry_type + entry.kind);
      balance += entry.amount;
    }
    EXPECT_NEAR(balance, topic.balance, 1e-9) << topic.key;
    sum += balance;
  }
  EXPECT_THAT(listed, testing::ContainerEq(in_view));
  EXPECT_NEAR(static_cast<double>(number("SELECT sum(balance) FROM topic_balances")) / 1e6, sum, 1e-6);
  EXPECT_EQ(number("SELECT count(*) FROM salience_entries"), number("SELECT count(DISTINCT id) FROM "
                                                                    "salience_entries"));
}

// Of posts, through the log.
class SalienceOfPostsTest : public IngestFixture {
 protected:
  static std::string post(int number, std::string_view author, std::string_view more = "", int minute = 0) {
    return fmt::format(
        R"({{"received_at":"2026-08-01T12:{:02}:00Z","event":"update","payload":{{"id":"{}",)"
        R"("created_at":"2026-08-01T10:00:00Z","content":"<p>words</p>","visibility":"public",)"
        R"("replies_count":0,"reblogs_count":0,"favourites_count":0,{}"tags":[{{"name":"Boats"}}],)"
        R"("account":{{"id":"{}","username":"{}","acct":"{}"}}}}}})",
        minute, number, more, author, author, author);
  }
  static std::string only_for_followers(std::string line) {
    return line.replace(line.find("\"public\""), 8, "\"private\"");
  }
  double balance(std::string_view topic) {
    return static_cast<double>(number(fmt::format(
               "SELECT b.balance FROM topic_balances b JOIN topics t ON t.id = b.topic_id WHERE t.key = '{}'",
               topic))) /
           1e6;
  }
  void expect_repeated(Running& running) {
    expect_sound();
    const auto before = digest();
    running.ingest.reset();
    const auto outcome = replay(*running.database, *running.writer, {}, {});
    ASSERT_TRUE(outcome) << outcome.error().message;
    EXPECT_EQ(outcome->digest.sha256, before);
    expect_sound();
  }
  Status tell(const Running& running, const salience::Fact& fact, std::string_view at) {
    LINNET_CHECK(salience::tell(*running.ingest, {fact}, *parse_iso8601(at)));
    return running.ingest->drain();
  }
};

INSTANTIATE_TEST_SUITE_P(Engines, SalienceOfPostsTest, testing::Values(Engine::sqlite, Engine::postgres),
                         test::engine_name);

TEST_P(SalienceOfPostsTest, APostEarnsItsAuthorAndItsHashtagsOnce) {
  auto running = run();
  ASSERT_TRUE(running.take_all({post(1, "a"), post(1, "a", "", 5),
                                post(2, "b",
                                     R"("in_reply_to_id":"1",)"
                                     R"("in_reply_to_account_id":"a",)"),
                                only_for_followers(post(3, "a"))}));
  EXPECT_EQ(balance("account:social.example:a"), 2);
  EXPECT_EQ(balance("account:social.example:b"), 1);
  EXPECT_EQ(balance("hashtag:boats"), 1) << "what only followers see earns nothing";
  expect_repeated(running);
}

TEST_P(SalienceOfPostsTest, AReplayGivesTheSameLedger) {
  auto running = run({.batch_events = 3});
  ASSERT_TRUE(running.take_all({post(1, "a"), post(2, "b"), post(3, "a")}));
  ASSERT_TRUE(tell(running, salience::SettingsChanged{"post=2, cap_hashtag=3"}, "2026-08-01T13:00:00Z"));
  ASSERT_TRUE(running.take_all({post(4, "a"), post(5, "b")}));
  ASSERT_TRUE(tell(running, salience::Spent{"run", "hashtag:boats", 500}, "2026-08-02T13:00:00Z"));
  ASSERT_TRUE(tell(running, salience::DayEnded{"2026-08-20"}, "2026-08-21T00:10:00Z"));
  EXPECT_DOUBLE_EQ(balance("account:social.example:b"), 2.97);
  expect_repeated(running);
}

TEST_P(SalienceOfPostsTest, PruningLeavesOpeningBalances) {
  auto running = run({.batch_events = 1});
  ASSERT_TRUE(running.take_all({post(1, "a", "", 1), post(2, "b", "", 2), post(3, "a", "", 30)}));
  const auto pruned =
      prune_log(*running.database, *running.writer, *parse_iso8601("2026-08-01T12:10:00Z"), false);
  ASSERT_TRUE(pruned) << pruned.error().message;
  ASSERT_EQ(*pruned, 2);
  EXPECT_EQ(balance("account:social.example:a"), 2);
  EXPECT_EQ(number("SELECT count(*) FROM salience_ledger WHERE place % 16 = 4"), 3);
  EXPECT_EQ(number("SELECT count(*) FROM salience_causes"), 2);
  expect_sound();
  ASSERT_TRUE(running.take_all({post(4, "a", "", 40)}));
  EXPECT_EQ(balance("account:social.example:a"), 3);
  expect_repeated(running);
}

TEST_P(SalienceOfPostsTest, WhoIsErasedIsNoTopicAndAReplayGivesWhatIsLeft) {
  auto running = run({.batch_events = 2});
  ASSERT_TRUE(running.take_all(
      {post(1, "a"), post(2, "b", R"("in_reply_to_id":"1","in_reply_to_account_id":"a",)"), post(3, "b")}));
  ASSERT_TRUE(tell(running, salience::Spent{"run", "account:social.example:a", 100}, "2026-08-02T13:00:00Z"));
  ASSERT_TRUE(tell(running, salience::Reset{"run", {"account:social.example:a", "hashtag:boats"}},
                   "2026-08-02T14:00:00Z"));
  running.ingest.reset();
  Person person;
  {
    auto reader = (*database_)->reader();
    person = find_person(**reader, "a@social.example").value();
  }
  const auto erased = erase_observed(*running.database, *running.writer, person);
  ASSERT_TRUE(erased) << erased.error().message;
  EXPECT_EQ(number("SELECT count(*) FROM topics WHERE key LIKE 'account:%:a'"), 0);
  EXPECT_EQ(number("SELECT count(*) FROM salience_causes WHERE reason = '1'"), 0);
  EXPECT_EQ(balance("account:social.example:b"), 2);
  expect_repeated(running);
}

TEST_P(SalienceOfPostsTest, ALedgerThatAnOlderVersionDidNotKeepIsMade) {
  auto running = run({.batch_events = 2});
  ASSERT_TRUE(running.take_all({post(1, "a"), post(2, "b"), post(3, "b")}));
  running.ingest.reset();
  const auto before = digest();
  ASSERT_TRUE(running.writer->write([](store::Connection& connection) -> Status {
    for (const auto* const sql :
         {"DELETE FROM salience_pages", "DELETE FROM salience_causes", "DELETE FROM topic_balances",
          "DELETE FROM topics", "DELETE FROM projection_marks WHERE name = 'salience'"})
      LINNET_CHECK(connection.execute(sql));
    return begin_generation(connection);
  }));
  auto again = run({.batch_events = 2});
  ASSERT_TRUE(again.take_all({post(4, "a")}));
  EXPECT_EQ(number("SELECT count(*) FROM topics"), 0) << "a part of it would be wrong";
  ASSERT_TRUE(salience::finish_ledger(*again.database, *again.writer));
  EXPECT_EQ(balance("account:social.example:a"), 2);
  EXPECT_NE(digest(), before);
  ASSERT_TRUE(again.take_all({post(5, "a")}));
  EXPECT_EQ(balance("account:social.example:a"), 3);
  expect_repeated(again);
}

TEST_P(SalienceOfPostsTest, DaysThatEndedAreToldOnce) {
  auto running = run();
  ASSERT_TRUE(running.take_all({post(1, "a")}));
  const auto now = *parse_iso8601("2026-08-12T00:10:00Z");
  EXPECT_EQ(salience::tell_days(*running.database, *running.ingest, now).value(), 1);
  EXPECT_EQ(salience::tell_days(*running.database, *running.ingest, now).value(), 0);
  EXPECT_EQ(salience::tell_days(*running.database, *running.ingest, now + std::chrono::days(3)).value(), 3);
  EXPECT_EQ(number("SELECT count(*) FROM salience_ledger WHERE place % 16 = 5"), 8);
  expect_repeated(running);
}

TEST_P(SalienceOfPostsTest, AServerThatSpeaksOfTheLedgerIsNotBelieved) {
  auto running = run();
  ASSERT_TRUE(running.take_all(
      {post(1, "a"), salience::line_of(salience::Reset{"x", {"hashtag:boats"}}, Instant{})}));
  EXPECT_EQ(balance("hashtag:boats"), 0.5);
  EXPECT_EQ(number("SELECT count(*) FROM event_rows WHERE process_error LIKE 'network: %'"), 1);
}

}  // namespace
}  // namespace linnet::observe
