#include "app/leased_reader.hpp"

#include <utility>

#include "base/log.hpp"

namespace linnet::app {
namespace {

// After a turn that could not begin, or that ended by itself.
constexpr auto kRestBetweenTurns = std::chrono::seconds(2);
// A lease that nobody else has comes back sooner.
constexpr auto kTakenByOthers = std::chrono::seconds(15);

}  // namespace

LeasedReader::LeasedReader(store::Leases& leases, Clock& clock, connect::ConnectorHealth at_rest, Begin begin,
                           OnChange on_change)
    : leases_(leases),
      clock_(clock),
      at_rest_(std::move(at_rest)),
      begin_(std::move(begin)),
      on_change_(std::move(on_change)),
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
  if (turn != nullptr) return turn->health();
  auto health = at_rest_;
  if (auto failure = failure_.with([](const auto& now) { return now; }); !failure.empty()) {
    health.state = connect::ConnectorState::backing_off;
    health.last_error = std::move(failure);
  }
  return health;
}

// What cannot begin is tried again every few seconds: it is said once while it lasts.
void LeasedReader::note_failure(const std::string& failure) {
  const bool is_news = failure_.with([&](auto& now) { return std::exchange(now, failure) != failure; });
  if (is_news && !failure.empty()) log::error("{}: {}", at_rest_.id, failure);
}

// Wanted anew each time: where nobody else is, a claim is held from the first, and not a second time.
bool LeasedReader::wait_for_turn(const std::stop_token& stop) {
  claim_ = leases_.want("stream " + at_rest_.id);
  if (claim_->wait_for(kTakenByOthers, stop)) return true;
  note_failure({});  // whoever follows it now could begin
  return claim_->wait(stop);
}

void LeasedReader::follow(const std::stop_token& stop) {
  while (wait_for_turn(stop)) {
    const auto under = claim_->fence();
    const bool was_cut = under && take_turn(*under, stop);
    turn_.with([](auto& turn) { turn.reset(); });
    claim_->give_back();
    claim_.reset();
    if (stop.stop_requested()) return;
    if (on_change_) on_change_(health());
    if (!was_cut) clock_.sleep_for(kRestBetweenTurns, stop);
  }
}

// Whether it ended because it was to.
bool LeasedReader::take_turn(const store::Fence& under, const std::stop_token& stop) {
  auto turn = begin_(under);
  if (!turn) {
    note_failure(turn.error().safe);
    return false;
  }
  note_failure({});
  turn_.with([&](auto& now) { now = *turn; });
  std::stop_source ending;
  const auto lost = claim_->until_lost();
  const std::stop_callback pass_on(stop, [&] { ending.request_stop(); });
  const std::stop_callback heed_loss(lost, [&] { ending.request_stop(); });
  (*turn)->run(ending.get_token());
  return ending.stop_requested();
}

}  // namespace linnet::app
