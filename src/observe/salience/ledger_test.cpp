// What earns how much, what related topics get, what caps cut off, what decays and what thinking costs.
#include "observe/salience/ledger.hpp"

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include <map>

namespace linnet::salience {
namespace {

constexpr Amount tenths(std::int64_t amount) {
  return amount * kOne / 10;
}

class Community {
 public:
  explicit Community(Settings settings = {}) : ledger(std::move(settings)) {}

  void message(std::string_view author, std::string_view channel = "c", MessageFacts facts = {}) {
    facts.server = facts.server.empty() ? "s" : facts.server;
    facts.author = author;
    facts.channel = channel;
    add_message(ledger.settings(), facts, next());
    apply();
  }
  void reaction(std::string_view author, std::string_view reactor, std::string_view emoji = "👍") {
    add_reaction(ledger.settings(), {"s", author, reactor, emoji}, next());
    apply();
  }
  void thread(std::string_view channel, std::string_view id) {
    add_thread(ledger.settings(), "s", channel, id, next());
    apply();
  }
  Occasion& next() {
    occasion = {EventId(++event), Instant(std::chrono::seconds(event)), "r", {}};
    return occasion;
  }
  void apply() { ledger.apply(occasion); }

  Amount balance(std::string_view key) {
    const auto* const topic = ledger.find(key);
    return topic == nullptr ? 0 : topic->balance;
  }
  // What the rows of one kind add up to.
  Amount rows(std::string_view key, EntryKind kind) {
    Amount sum = 0;
    for (const auto& entry : ledger.entries())
      if (entry.topic->key == key && entry.kind == kind) sum += entry.amount;
    return sum;
  }

  Ledger ledger;
  Occasion occasion;
  std::int64_t event = 0;
};

TEST(Ledger, AMessageEarnsItsAuthorItsChannelAndTheirMeeting) {
  Community c;
  c.message("a");
  EXPECT_EQ(c.balance("server:s:user:a"), kOne);
  EXPECT_EQ(c.balance("server:s:channel:c"), kOne);
  EXPECT_EQ(c.balance("server:s:user_in_channel:c:a"), kOne);
  EXPECT_EQ(c.balance("user:a"), 0);
  EXPECT_EQ(c.ledger.entries().size(), 3U);
}

TEST(Ledger, WithMediaOrALinkItEarnsAFifthMore) {
  Community c;
  c.message("a", "c", {.has_media_or_link = true});
  EXPECT_EQ(c.balance("server:s:user:a"), tenths(12));
  EXPECT_EQ(c.balance("server:s:channel:c"), tenths(12));
}

TEST(Ledger, NobodyByNameEarnsForTheChannelAlone) {
  Community c;
  c.message("", "c", {.thread = "t"});
  EXPECT_EQ(c.balance("server:s:channel:c"), kOne);
  EXPECT_EQ(c.balance("server:s:thread:t"), kOne);
  EXPECT_EQ(c.ledger.entries().size(), 2U);
}

TEST(Ledger, TheFocusOfAServerMultipliesAllThatItsEventsEarn) {
  Settings settings;
  settings.focus["s"] = 2 * kOne;
  Community c(settings);
  const std::string_view mentioned[] = {"b"};
  c.message("a", "c", {.mentioned = mentioned, .answered = "b", .mentions_self = true, .names_self = true});
  EXPECT_EQ(c.balance("server:s:user:a"), 2 * kOne);
  EXPECT_EQ(c.rows("server:s:user:b", EntryKind::earn), 4 * kOne);
  EXPECT_EQ(c.rows("server:s:dyad:a:b", EntryKind::earn), 3 * kOne);
  EXPECT_EQ(c.balance("self"), 16 * kOne);
}

TEST(Ledger, RolesGetATenthOfWhatTheirHoldersMessagesEarn) {
  Community c;
  const std::string_view roles[] = {"r"};
  c.message("a", "c", {.roles = roles, .has_media_or_link = true});
  EXPECT_EQ(c.balance("server:s:role:r"), 120'000);
}

TEST(Ledger, AReactionEarnsBothTheirMeetingAndTheEmoji) {
  Community c;
  c.reaction("a", "b");
  for (const auto* const key :
       {"server:s:user:a", "server:s:user:b", "server:s:dyad:a:b", "server:s:emoji:👍"})
    EXPECT_EQ(c.balance(key), tenths(5)) << key;
  c.reaction("a", "");
  EXPECT_EQ(c.balance("server:s:user:a"), tenths(5)) << "of somebody who is nobody by name, nothing";
}

// Warm is more than one; a related topic that is not gets nothing.
TEST(Ledger, WhatATopicEarnsPartlyGoesToWarmRelatedOnes) {
  Community c;
  c.message("a");
  c.message("a");
  // The second time: the author, then the channel, then their meeting, which by then is warm like those.
  EXPECT_EQ(c.rows("server:s:user:a", EntryKind::propagate), tenths(3));
  EXPECT_EQ(c.rows("server:s:channel:c", EntryKind::propagate), tenths(3));
  EXPECT_EQ(c.rows("server:s:user_in_channel:c:a", EntryKind::propagate), 0);
  c.message("a");
  EXPECT_EQ(c.rows("server:s:user_in_channel:c:a", EntryKind::propagate), tenths(6));
}

TEST(Ledger, WhatRelatedTopicsGetGoesNoFurther) {
  Community c;
  for (int i = 0; i < 3; ++i) c.message("a", "c", {.answered = "b"});
  const auto before = c.balance("server:s:user:b");
  c.reaction("b", "b");  // b earns alone; nothing of what a's meeting with b gets comes back
  EXPECT_EQ(c.balance("server:s:user:b") - before, tenths(10));
}

TEST(Ledger, AnEmojiSharesWithWhoeverGaveIt) {
  Community c;
  for (int i = 0; i < 2; ++i) c.message("b");
  const auto before = c.rows("server:s:user:b", EntryKind::propagate);
  c.reaction("", "b");
  EXPECT_EQ(c.rows("server:s:user:b", EntryKind::propagate) - before, tenths(5) * 3 / 10);
}

TEST(Ledger, WhatACapCutsOffSpillsAtHalf) {
  Settings settings;
  settings.numbers.cap_user = tenths(25);
  Community c(settings);
  for (int i = 0; i < 3; ++i) c.message("a");
  EXPECT_EQ(c.balance("server:s:user:a"), tenths(25));
  // The third message finds room for 0.2 and leaves 0.8, of which the meeting gets half.
  EXPECT_EQ(c.rows("server:s:user_in_channel:c:a", EntryKind::spill), tenths(4));
  const auto size = c.ledger.entries().size();
  c.message("a");
  for (auto i = size; i < c.ledger.entries().size(); ++i)
    EXPECT_NE(c.ledger.entries()[i].topic->key, "server:s:user:a") << "no row says nothing";
}

TEST(Ledger, AtMostTwentyOfThoseThatEarnedLastShare) {
  Settings settings;
  settings.numbers.propagated_to = 2 * kOne;
  Community c(settings);
  for (const auto* const user : {"x", "y", "z"})
    for (int i = 0; i < 2; ++i) c.message(user);
  const auto got = [&](std::string_view user) {
    return c.rows(user_in_channel_of("s", "c", user), EntryKind::propagate);
  };
  const std::map<std::string, Amount> before{{"x", got("x")}, {"y", got("y")}, {"z", got("z")}};
  c.message("");
  EXPECT_EQ(got("x"), before.at("x"));
  EXPECT_EQ(got("y"), before.at("y") + tenths(3));
  EXPECT_EQ(got("z"), before.at("z") + tenths(3));
}

TEST(Ledger, AThreadSharesWithItsChannel) {
  Community c;
  c.thread("c", "t");
  EXPECT_EQ(c.balance("server:s:thread:t"), 2 * kOne);
  for (int i = 0; i < 2; ++i) c.message("", "c", {.thread = "t"});
  EXPECT_GT(c.rows("server:s:channel:c", EntryKind::propagate), 0);
  EXPECT_GT(c.rows("server:s:thread:t", EntryKind::propagate), 0);
}

TEST(Ledger, WhoIsActiveInASecondServerBecomesWarmEverywhere) {
  Community c;
  c.message("a");
  EXPECT_EQ(c.balance("user:a"), 0);
  c.message("a", "c2", {.server = "s2"});
  EXPECT_EQ(c.rows("user:a", EntryKind::warm), 5 * kOne);
  c.message("a", "c3", {.server = "s3"});
  EXPECT_EQ(c.rows("user:a", EntryKind::warm), 5 * kOne) << "once";
  const auto before = c.balance("user:a");
  c.message("a");
  EXPECT_EQ(c.balance("user:a") - before, tenths(3)) << "a warm one shares in what its servers' earn";
}

TEST(Ledger, ADirectMessageEarnsTheUserOfAllServersAndSharesWithTheirs) {
  Community c;
  for (int i = 0; i < 2; ++i) c.message("a");
  const auto before = c.balance("server:s:user:a");
  add_direct_message(c.ledger.settings(), "a", c.next());
  c.apply();
  EXPECT_EQ(c.balance("user:a"), tenths(15));
  EXPECT_EQ(c.balance("server:s:user:a") - before, tenths(15) * 3 / 10);
}

TEST(Ledger, TwoWhoAreWarmEverywhereAreSoTogether) {
  Community c;
  for (const auto* const user : {"a", "b"})
    for (const auto* const server : {"s", "s2"}) c.message(user, "c", {.server = server});
  EXPECT_EQ(c.balance("dyad:a:b"), 0);
  c.message("a", "c", {.answered = "b"});
  EXPECT_EQ(c.rows("dyad:a:b", EntryKind::warm), 5 * kOne);
  c.message("a", "c", {.answered = "b"});
  EXPECT_EQ(c.rows("dyad:a:b", EntryKind::warm), 5 * kOne);
  EXPECT_GT(c.rows("dyad:a:b", EntryKind::propagate), 0);
}

TEST(Ledger, APostEarnsItsAccountItsHashtagsAndWhomItAnswers) {
  Community c;
  const std::string_view tags[] = {"boats", "books"};
  add_post(c.ledger.settings(), {"h", "1", tags, "2", true}, c.next());
  c.apply();
  add_boost(c.ledger.settings(), "h", "1", c.next());
  c.apply();
  EXPECT_EQ(c.balance("account:h:1"), tenths(17));
  EXPECT_EQ(c.balance("account:h:2"), kOne);
  EXPECT_EQ(c.balance("hashtag:boats"), tenths(5));
}

TEST(Ledger, AtMostThreeSubjectsOfARunEarn) {
  Community c;
  const NamedSubject subjects[] = {
      {"One", 0}, {"Two", kOne}, {"!", kOne}, {"Three", kOne / 2}, {"Four", kOne}};
  add_subjects(c.ledger.settings(), "s", subjects, c.next());
  c.apply();
  EXPECT_EQ(c.balance("server:s:subject:one"), tenths(25));
  EXPECT_EQ(c.balance("server:s:subject:two"), tenths(75));
  EXPECT_EQ(c.balance("server:s:subject:three"), 5 * kOne);
  EXPECT_EQ(c.balance("server:s:subject:four"), 0);
}

TEST(Ledger, ItsNameIsHeardAsAWord) {
  Settings settings = parse_salience_settings("self_name=Linnet").value();
  EXPECT_TRUE(says_name(settings, "what do you think, LINNET?"));
  EXPECT_FALSE(says_name(settings, "linnets sing"));
  EXPECT_FALSE(says_name({}, "linnet"));
}

Topic& earner(Community& c, std::string_view key, Amount amount) {
  c.next().earnings.push_back({std::string(key), amount});
  c.apply();
  return *c.ledger.find(key);
}

TEST(Ledger, WhatIsIdleLosesAHundredthADay) {
  Community c;
  auto& topic = earner(c, "hashtag:x", 50 * kOne);
  EXPECT_TRUE(c.ledger.decay(topic, ++c.event));
  EXPECT_EQ(topic.balance, tenths(495));
  for (int day = 0; day < 700; ++day) c.ledger.decay(topic, ++c.event);
  EXPECT_EQ(topic.balance, 0) << "what is next to nothing goes";
  EXPECT_FALSE(c.ledger.decay(topic, ++c.event));
}

struct Thought {
  Amount before;
  std::int64_t tokens;
  Amount after;
};

TEST(Ledger, ThinkingCostsAndSomethingIsRetained) {
  for (const auto& [before, tokens, after] :
       {Thought{50 * kOne, 5'000, tenths(75)}, Thought{50 * kOne, 40'000, 25 * kOne},
        Thought{10 * kOne, 1'000'000, 5 * kOne}, Thought{50 * kOne, 0, 0}, Thought{0, 5'000, 0}}) {
    Community c;
    auto& topic = earner(c, "hashtag:x", before == 0 ? kOne : before);
    if (before == 0) c.ledger.reset(topic, ++c.event);
    c.ledger.spend(topic, tokens, ++c.event);
    EXPECT_EQ(topic.balance, after) << before << " " << tokens;
  }
}

// A topic that nobody talks about is not thought about night after night.
TEST(Ledger, ThinkingAgainAndAgainSinksATopic) {
  Community c;
  auto& topic = earner(c, "hashtag:x", 80 * kOne);
  for (int night = 0; night < 5; ++night) {
    const auto before = topic.balance;
    c.ledger.spend(topic, 30'000, ++c.event);
    EXPECT_LE(topic.balance, before / 2);
  }
  EXPECT_LT(topic.balance, 10 * kOne);
}

// Any life of a community. Returns the balances.
std::map<std::string, Amount> live(Community& c, const std::vector<std::uint32_t>& choices) {
  const std::string_view people[] = {"a", "b", "d", "e"};
  const std::string_view servers[] = {"s", "s2"};
  for (const auto choice : choices) {
    const auto pick = [&](unsigned shift, std::size_t n) { return (choice >> shift) % n; };
    const auto author = people[pick(0, 4)];
    const auto other = people[pick(2, 4)];
    const std::string_view mentioned[] = {other};
    switch (pick(4, 8)) {
      case 0:
        c.reaction(author, other);
        break;
      case 1:
        c.thread("c", pick(7, 2) == 0 ? "t" : "t2");
        break;
      case 2:
        if (auto* const topic = c.ledger.find(topic_of(Category::user, "s", author)))
          c.ledger.spend(*topic, static_cast<std::int64_t>(pick(7, 50)) * 1'000, ++c.event);
        break;
      case 3:
        if (auto* const topic = c.ledger.find(dyad_of("s", author, author == other ? "x" : other)))
          c.ledger.decay(*topic, ++c.event);
        break;
      case 4:
        add_direct_message(c.ledger.settings(), author, c.next());
        c.apply();
        break;
      default:
        c.message(author, pick(7, 2) == 0 ? "c" : "c2",
                  {.server = servers[pick(8, 2)],
                   .thread = pick(9, 4) == 0 ? "t" : "",
                   .mentioned = pick(11, 4) == 0 ? std::span<const std::string_view>(mentioned)
                                                 : std::span<const std::string_view>(),
                   .answered = pick(13, 3) == 0 ? other : "",
                   .has_media_or_link = pick(15, 3) == 0});
    }
  }
  std::map<std::string, Amount> sums;
  for (const auto& entry : c.ledger.entries()) sums[entry.topic->key] += entry.amount;
  return sums;
}

RC_GTEST_PROP(Ledger, NoBalanceIsAboveItsCapOrBelowNothing, (std::vector<std::uint32_t> choices)) {
  Settings settings;
  settings.numbers.cap_user = 3 * kOne;
  settings.numbers.cap_dyad = 2 * kOne;
  Community c(settings);
  for (const auto& [key, sum] : live(c, choices)) {
    const auto& topic = *c.ledger.find(key);
    RC_ASSERT(topic.balance == sum);
    RC_ASSERT(sum >= 0);
    RC_ASSERT(sum <= cap_of(settings.numbers, topic.category, topic.is_global));
  }
  for (const auto& entry : c.ledger.entries()) {
    RC_ASSERT(entry.amount != 0);
    RC_ASSERT((entry.amount < 0) == (type_of(entry.kind) == EntryType::spend));
  }
}

// An event has one row of each kind for each topic, so that ids are nobody else's.
RC_GTEST_PROP(Ledger, HasOneRowOfAKindForATopicAndAnEvent, (std::vector<std::uint32_t> choices)) {
  Community c;
  (void)live(c, choices);
  std::map<std::pair<const Topic*, std::int64_t>, int> rows;
  for (const auto& entry : c.ledger.entries())
    RC_ASSERT(++rows[std::pair(entry.topic, place_of(entry.event, entry.kind))] == 1);
}

TEST(EntryIds, AreUlidsOfTheirTimeAndNobodyElses) {
  const auto at = *parse_iso8601("2026-08-01T12:00:00.123Z");
  const auto x = hash_of_topic("hashtag:x");
  const auto one = hash_of_cause({"post", "h", "1"});
  const auto id = entry_id(at, x, one, EntryKind::earn);
  EXPECT_EQ(id.size(), 26U);
  EXPECT_EQ(id.substr(0, 10), entry_id(at, hash_of_topic("hashtag:y"), 1, EntryKind::earn).substr(0, 10));
  EXPECT_NE(id, entry_id(at, x, one, EntryKind::propagate));
  EXPECT_NE(id, entry_id(at, hash_of_topic("hashtag:y"), one, EntryKind::earn));
  EXPECT_NE(id, entry_id(at, x, hash_of_cause({"post", "h", "2"}), EntryKind::earn));
  EXPECT_LT(id, entry_id(at + std::chrono::milliseconds(1), hash_of_topic("hashtag:a"), 1, EntryKind::earn));
}

TEST(SalienceSettings, AreReadAndWritten) {
  const auto settings =
      parse_salience_settings("message=1.5, cap_channel = 200,focus.8035=0.5, gate_role.8035=99, self_id=4")
          .value();
  EXPECT_EQ(settings.numbers.message, tenths(15));
  EXPECT_EQ(settings.numbers.cap_channel, 200 * kOne);
  EXPECT_EQ(settings.focus_of("8035"), tenths(5));
  EXPECT_EQ(settings.focus_of("1"), kOne);
  EXPECT_TRUE(settings.is_self("4"));
  EXPECT_EQ(parse_salience_settings(to_text(settings)).value(), settings);
  EXPECT_EQ(to_text(parse_salience_settings("").value()), to_text(Settings()));
}

TEST(SalienceSettings, SayWhatIsWrongWithThem) {
  for (const auto* const text : {"message", "message=", "message=-1", "message=x", "mesage=1", "focus.=1",
                                 "cap_user=1e9", "message=1.1234567", "cap_user=0"}) {
    const auto settings = parse_salience_settings(text);
    ASSERT_FALSE(settings) << text;
    EXPECT_EQ(settings.error().kind, ErrorKind::invalid);
  }
}

TEST(Amounts, AreWrittenAsDecimals) {
  EXPECT_EQ(to_decimal(1'200'000), "1.2");
  EXPECT_EQ(to_decimal(-1), "-0.000001");
  EXPECT_EQ(to_decimal(0), "0");
  EXPECT_EQ(to_decimal(150 * kOne), "150");
  EXPECT_EQ(parse_amount("x", "-0.000001").value(), -1);
}

RC_GTEST_PROP(Amounts, AreReadAsTheyAreWritten, ()) {
  const auto amount = *rc::gen::inRange<Amount>(-9'999'999 * kOne, 9'999'999 * kOne);
  RC_ASSERT(parse_amount("x", to_decimal(amount)).value() == amount);
}

}  // namespace
}  // namespace linnet::salience
