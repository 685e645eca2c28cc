#include "govern/clock_watch.hpp"

#include "base/log.hpp"

namespace linnet::govern {

Result<std::string> ClockWatch::look() {
  LINNET_TRY(auto reader, database_.reader());
  // Both of one moment, also while a test moves the clock.
  auto passed = let_pass_();
  auto now = clock_.now();
  for (auto again = let_pass_(); again != passed; again = let_pass_()) {
    passed = again;
    now = clock_.now();
  }
  return trust_.look(*reader, now, ClockTrust::steady_now() + passed);
}

void ClockWatch::watch(store::Writer& writer) {
  const auto now = clock_.now();  // before it is looked at: what is set after that is not noted
  const auto doubt = look();
  if (!doubt) return;
  if (*doubt != told_ && !doubt->empty()) log::warn("retention: {}", *doubt);
  told_ = *doubt;
  if (doubt->empty()) note_believed_now(writer, now);
}

// So often that a program that is killed and started again finds it written down not long ago.
void ClockWatch::note_believed_now(store::Writer& writer, Instant now) {
  constexpr auto kEvery = std::chrono::minutes(10);
  const auto steady = std::chrono::steady_clock::now();
  if (noted_at_ && steady - *noted_at_ < kEvery) return;
  const auto noted =
      writer.write([&](store::Connection& connection) { return note_believed(connection, now); });
  if (!noted) return log::warn("clock: {}", noted.error().message);
  noted_at_ = steady;
}

}  // namespace linnet::govern
