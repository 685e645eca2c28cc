// What is said of posts whose outcome nobody knows.
#include "connect/mastodon/acting_fixture.hpp"

namespace linnet::connect::mastodon {
namespace {

using std::chrono::minutes;

class ShiftedClock final : public Clock {
 public:
  explicit ShiftedClock(Duration ahead) : ahead_(ahead) {}
  [[nodiscard]] Instant now() const override { return clock_.now() + ahead_; }
  bool sleep_until(Instant deadline, const std::stop_token& stop) override {
    return clock_.sleep_until(deadline - ahead_, stop);
  }

 private:
  SystemClock clock_;
  Duration ahead_;
};

class ActingLook : public ActingMastodonTest {
 protected:
  Shown shown_by(Clock& clock, const Order& order) {
    ApiOptions options;
    options.base_url = fake_->url();
    options.token = "test-token-alice";
    ActingMastodon acting(transport_, budget_, clock, options, alice_);
    const auto evidence = acting.look(order, "", {});
    EXPECT_TRUE(evidence) << evidence.error().safe;
    return evidence ? evidence->shown : Shown::cannot_tell;
  }
};

TEST_F(ActingLook, FindsALostPostWhateverTheClocksSay) {
  for (const auto ahead : {minutes(-30), minutes(-3), minutes(0), minutes(3), minutes(30)}) {
    ShiftedClock clock(ahead);
    // No two of them resemble each other.
    auto lost = post(std::string(8, static_cast<char>('n' + ahead.count() / 3)));
    lost.first_tried_at = clock.now();
    EXPECT_EQ(shown_by(clock, lost), Shown::no) << ahead.count();
    break_next(R"({"kind":"lost","method":"POST"})");
    EXPECT_EQ(acting_->perform(lost, {}).kind, OutcomeKind::unknown);
    EXPECT_EQ(shown_by(clock, lost), Shown::yes) << ahead.count();
  }
}

TEST_F(ActingLook, SaysNoToNothingThatTheServerMayHaveForgotten) {
  do_and_see(post("Another"));
  auto lost = post("Lost");
  lost.first_tried_at = clock_.now() - minutes(54);
  EXPECT_EQ(shown(lost, ""), Shown::no);
  lost.first_tried_at = clock_.now() - minutes(56);
  EXPECT_EQ(shown(lost, ""), Shown::cannot_tell);
  // Nor when our clock was set back since.
  lost.first_tried_at = clock_.now() + minutes(56);
  EXPECT_EQ(shown(lost, ""), Shown::cannot_tell);
  lost.first_tried_at = clock_.now() - minutes(56);
  EXPECT_EQ(acting_->perform(lost, {}).kind, OutcomeKind::done);
  EXPECT_EQ(shown(lost, ""), Shown::yes);
}

TEST_F(ActingLook, TrimmedIsStillTheSame) {
  auto lost = post("  Spaces at both ends \n");
  lost.draft.spoiler_text = "politics ";
  break_next(R"({"kind":"lost","method":"POST"})");
  EXPECT_EQ(acting_->perform(lost, {}).kind, OutcomeKind::unknown);
  EXPECT_EQ(shown(lost, ""), Shown::yes);
}

TEST_F(ActingLook, WhatAServerMayHaveRewrittenIsForAPersonToTell) {
  fake_->control("rewrite", R"({"pattern":"cats","to":"felines"})");
  const auto lost = post("All about cats and their ways");
  break_next(R"({"kind":"lost","method":"POST"})");
  EXPECT_EQ(acting_->perform(lost, {}).kind, OutcomeKind::unknown);
  const auto evidence = acting_->look(lost, "", {});
  ASSERT_TRUE(evidence) << evidence.error().safe;
  EXPECT_EQ(evidence->shown, Shown::cannot_tell);
  EXPECT_NE(evidence->why.find("resembles"), std::string::npos) << evidence->why;
  // One that another order made is not it.
  auto known = lost;
  const auto there = acting_->look(post("All about felines and their ways"), "", {});
  known.of_others = {there->platform_id};
  EXPECT_EQ(shown(known, ""), Shown::no);
  // Nor one that says something else.
  EXPECT_EQ(shown(post("Rain tomorrow"), ""), Shown::no);
}

TEST_F(ActingLook, WhatAFilterMayHideIsForAPersonToTell) {
  fake_->control("settings", R"({"profile":"gotosocial"})");
  fake_->control("filters", R"({"acct":"alice","phrase":"cats","action":"hide"})");
  const auto lost = post("All about CATS");
  break_next(R"({"kind":"lost","method":"POST"})");
  EXPECT_EQ(acting_->perform(lost, {}).kind, OutcomeKind::unknown);
  const auto evidence = acting_->look(lost, "", {});
  ASSERT_TRUE(evidence) << evidence.error().safe;
  EXPECT_EQ(evidence->shown, Shown::cannot_tell);
  EXPECT_NE(evidence->why.find("filter"), std::string::npos) << evidence->why;
  EXPECT_EQ(shown(post("Nothing of the kind"), ""), Shown::no);
}

TEST_F(ActingLook, CountsItsCopies) {
  auto twice = post("Only once please");
  const auto id = acting_->perform(twice, {}).platform_id;
  EXPECT_TRUE(acting_->look(twice, id, {})->copies.empty());
  auto again = twice;
  again.idempotency_key = "another";
  EXPECT_EQ(acting_->perform(again, {}).kind, OutcomeKind::done);
  EXPECT_TRUE(acting_->look(twice, id, {})->copies.empty()) << "it was sent once: nobody asks";
  twice.is_repeat = true;
  EXPECT_EQ(acting_->look(twice, id, {})->copies.size(), 1U);
  EXPECT_EQ(acting_->look(twice, "", {})->copies.size(), 1U);
}

// As servers do that pass over max_id: every page is the newest.
class SamePage final : public net::HttpTransport {
 public:
  explicit SamePage(net::HttpTransport& transport) : transport_(transport) {}
  Result<net::HttpResponse> send(const net::HttpRequest& request, std::stop_token stop) override {
    auto first = request;
    if (const auto bound = first.url.find("&max_id="); bound != std::string::npos) first.url.resize(bound);
    if (first.url.find("/statuses?") != std::string::npos) ++pages;
    return transport_.send(first, std::move(stop));
  }
  int pages = 0;

 private:
  net::HttpTransport& transport_;
};

TEST_F(ActingLook, CountsAPostOnceHoweverOftenItIsShown) {
  auto once = post("Only once please");
  const auto id = acting_->perform(once, {}).platform_id;
  SamePage transport(transport_);
  ApiOptions options;
  options.base_url = fake_->url();
  options.token = "test-token-alice";
  ActingMastodon acting(transport, budget_, clock_, options, alice_);
  once.is_repeat = true;
  once.first_tried_at = {};  // none of the account's posts is older
  for (const auto& known : {id, std::string()}) {
    transport.pages = 0;
    const auto evidence = acting.look(once, known, {});
    ASSERT_TRUE(evidence) << evidence.error().safe;
    EXPECT_EQ(evidence->shown, Shown::yes);
    EXPECT_TRUE(evidence->copies.empty()) << evidence->copies.size();
    EXPECT_EQ(transport.pages, 2);
  }
}

}  // namespace
}  // namespace linnet::connect::mastodon
