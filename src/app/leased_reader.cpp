#include "app/leased_reader.hpp"

#include "base/log.hpp"

namespace linnet::app {
namespace {

// After a turn that could not begin, or that ended by itself.
constexpr auto kRestBetweenTurns = std::chrono::seconds(2);

}  // namespace

LeasedReader::LeasedReader(store::Leases& leases, Clock& clock, connect::ConnectorHealth at_rest, Begin begin,
                           OnChange on_change)
    : clock_(clock),
      at_rest_(std::move(at_rest)),
      begin_(std::move(begin)),
      on_change_(std::move(on_change)),
      claim_(leases.want("stream " + at_rest_.id)),
      thread_([this](const std::stop_token& stop) { follow(stop); }) {}

LeasedReader::~LeasedReader() {
  stop();
}

void LeasedReader::stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

connect::ConnectorHealth LeasedReader::health() const {
  const auto turn = turn_.with([](const auto& now) { return now; });
  return turn != nullptr ? turn->health() : at_rest_;
}

void LeasedReader::follow(const std::stop_token& stop) {
  while (claim_->wait(stop)) {
    const auto under = claim_->fence();
    const bool was_cut = under && take_turn(*under, stop);
    turn_.with([](auto& turn) { turn.reset(); });
    claim_->give_back();
    if (stop.stop_requested()) return;
    if (on_change_) on_change_(at_rest_);
    if (!was_cut) clock_.sleep_for(kRestBetweenTurns, stop);
  }
}

// Whether it ended because it was to.
bool LeasedReader::take_turn(const store::Fence& under, const std::stop_token& stop) {
  auto turn = begin_(under);
  if (!turn) {
    log::error("{}: {}", at_rest_.id, turn.error().safe);
    return false;
  }
  turn_.with([&](auto& now) { now = *turn; });
  std::stop_source ending;
  const auto lost = claim_->until_lost();
  const std::stop_callback pass_on(stop, [&] { ending.request_stop(); });
  const std::stop_callback heed_loss(lost, [&] { ending.request_stop(); });
  (*turn)->run(ending.get_token());
  return ending.stop_requested();
}

}  // namespace linnet::app
