// For tests: the acting connector of alice on the fake server.
#pragma once

#include <gtest/gtest.h>

#include "connect/mastodon/acting_mastodon.hpp"
#include "connect/mastodon/fake_mastodon.hpp"

namespace linnet::connect::mastodon {

using model::ActionType;
using model::TargetType;
using Shown = Evidence::Shown;

class ActingMastodonTest : public testing::Test {
 protected:
  void SetUp() override {
    if (const auto why = FakeMastodon::missing()) GTEST_SKIP() << *why;
    fake_ = std::make_unique<FakeMastodon>();
    ApiOptions options;
    options.base_url = fake_->url();
    options.token = "test-token-alice";
    options.timeout = std::chrono::seconds(3);
    ApiClient client(transport_, budget_, options);
    alice_ = client.verify_credentials({})->id;
    bob_ = client.find_account_id("bob", {}).value();
    acting_ = std::make_unique<ActingMastodon>(transport_, budget_, clock_, options, alice_);
  }

  Order order(ActionType type, const std::string& target = {}, const std::string& text = {}) {
    Order order;
    order.type = type;
    order.idempotency_key = "key-" + std::to_string(++keys_);
    order.target_type = TargetType::post;
    order.target_id = target;
    order.draft.text = text;
    order.first_tried_at = clock_.now();
    return order;
  }
  Order post(const std::string& text) {
    auto made = order(ActionType::publish, alice_, text);
    made.target_type = TargetType::account;
    return made;
  }
  Shown shown(const Order& order, const std::string& id) {
    const auto evidence = acting_->look(order, id, {});
    EXPECT_TRUE(evidence) << evidence.error().safe;
    return evidence ? evidence->shown : Shown::cannot_tell;
  }
  // What the dispatcher does before it performs an order with files.
  void upload(Order& order) {
    for (auto& file : order.draft.media) {
      auto uploaded = acting_->upload(file, order, {});
      ASSERT_FALSE(uploaded.failure) << uploaded.failure->error.safe;
      file.uploaded_id = std::move(uploaded.id);
    }
  }
  // Done, and seen on the server both by its id and by searching.
  std::string do_and_see(const Order& order) {
    const auto outcome = acting_->perform(order, {});
    EXPECT_EQ(outcome.kind, OutcomeKind::done) << outcome.error.safe;
    EXPECT_EQ(shown(order, outcome.platform_id), Shown::yes);
    return outcome.platform_id;
  }
  void break_next(const std::string& json) { fake_->control("fail", json); }

  SystemClock clock_;
  net::CurlTransport transport_;
  RequestBudget budget_{clock_};
  std::unique_ptr<FakeMastodon> fake_;
  std::unique_ptr<ActingMastodon> acting_;
  std::string alice_;
  std::string bob_;
  int keys_ = 0;
};

}  // namespace linnet::connect::mastodon
