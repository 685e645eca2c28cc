// What is asked for, and how often it took effect.
#pragma once

#include "act/gate_fixture.hpp"

namespace linnet::act {

class Once : public GateFixture {
 protected:
  Attempt ask(const NewAction& action) {
    auto requested = gate_->request(action, ada_, false);
    EXPECT_TRUE(requested) << requested.error().safe;
    return requested->attempts.front();
  }
  NewAction thread(const std::vector<std::string>& texts) {
    auto action = publish(texts.front());
    for (std::size_t i = 1; i < texts.size(); ++i) {
      action.drafts.emplace_back();
      action.drafts.back().text = texts[i];
    }
    return action;
  }
  int effects_of(const std::string& key) {
    const auto effects = platform_.effects();
    const auto found = effects.find(key);
    return found == effects.end() ? 0 : found->second;
  }
  // A post on its way to a server that carries it out only after it was given up: nobody knows of it yet.
  Attempt send_to_slow_server(Clock& clock) {
    platform_.set_faults({.late = 1, .late_by = std::chrono::milliseconds(1200)});
    options_.on_its_way = std::chrono::milliseconds(2500);
    lanes_clock_ = &clock;
    start();
    auto attempt = ask(publish("Slow"));
    EXPECT_TRUE(comes_true([&] { return reload(attempt).status == model::ActionStatus::unknown; }));
    platform_.set_faults({});
    return attempt;
  }
  // Many ticks of the dispatcher.
  static void let_it_work() { std::this_thread::sleep_for(std::chrono::milliseconds(200)); }
};

}  // namespace linnet::act
