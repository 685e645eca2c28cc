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
    auto lost = post("Sent at " + std::to_string(ahead.count()));
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

}  // namespace
}  // namespace linnet::connect::mastodon
