#include "govern/clock_trust.hpp"

#include <fmt/format.h>

#include <ctime>

namespace linnet::govern {
namespace {

using std::chrono::hours;

// Clocks that are set right little by little, and readings that are not quite at one moment.
constexpr auto kEven = std::chrono::minutes(10);
constexpr auto kDay = hours(24);
// A program that was not used for a fortnight is asked to wait as well; nothing is lost by that.
constexpr auto kLongestSilence = hours(24 * 14);

constexpr std::string_view kBelieved = "clock_believed";

// Nothing where the clock was believed not long ago.
std::string gap_since(Instant believed, Instant now) {
  if (now < believed - kEven)
    return fmt::format("the clock is behind the moment until which it was believed, {}",
                       to_iso8601(believed));
  if (now - believed < kLongestSilence) return {};
  return fmt::format("the clock was believed until {}, long before what it says", to_iso8601(believed));
}

// For a database in which nobody has noted yet until when the clock was believed: nothing where the records
// lead up to this moment without a long gap, or where there are none.
Result<std::string> gap_in_records(store::Connection& connection, Instant now) {
  // What was written in the last day may have been written under the clock that is asked about.
  LINNET_TRY(const auto newest,
             store::query_integer(connection, "SELECT MAX(timestamp) FROM audit_entries WHERE timestamp < $1",
                                  {to_micros(now - kDay)}));
  LINNET_TRY(const auto any, store::query_integer(connection, "SELECT MAX(timestamp) FROM audit_entries"));
  if (!any || *any == 0) return std::string();
  if (!newest || *newest == 0) {
    if (from_micros(*any) <= now + kEven) return std::string();  // all of the last day: it is new
    return fmt::format("the clock is behind the newest record, of {}", to_iso8601(from_micros(*any)));
  }
  if (now - from_micros(*newest) < kLongestSilence) return std::string();
  return fmt::format("the newest record that is older than a day is of {}, long before what the clock says",
                     to_iso8601(from_micros(*newest)));
}

Result<std::string> gap_before(store::Connection& connection, Instant now) {
  LINNET_TRY(const auto believed,
             store::query_integer(connection, "SELECT value FROM govern_marks WHERE name = $1", {kBelieved}));
  if (believed) return gap_since(from_micros(*believed), now);
  return gap_in_records(connection, now);
}

}  // namespace

Status note_believed(store::Connection& connection, Instant now) {
  return store::run(connection,
                    R"(INSERT INTO govern_marks (name, value) VALUES ($1, $2)
                       ON CONFLICT (name) DO UPDATE SET value = excluded.value)",
                    {kBelieved, to_micros(now)});
}

ClockTrust::Steady::time_point ClockTrust::steady_now() {
  timespec at{};
  ::clock_gettime(CLOCK_BOOTTIME, &at);
  return Steady::time_point(std::chrono::seconds(at.tv_sec) + std::chrono::nanoseconds(at.tv_nsec));
}

Result<std::string> ClockTrust::look(store::Connection& connection, Instant now, Steady::time_point steady) {
  const auto jumped = state_.with([&](State& state) {
    const auto passed = std::chrono::duration_cast<Duration>(steady - state.steady);
    const auto off = (now - state.wall) - passed;
    if (off > kEven || off < -kEven) {
      state.jumped =
          fmt::format("the clock was set from {} to {}", to_iso8601(state.wall + passed), to_iso8601(now));
      state.wall = now;
      state.steady = steady;
      state.is_trusted = false;
    } else if (state.is_trusted || passed >= kDay) {
      // It has gone evenly for a day. From here on it is measured from look to look, so that the little steps
      // by which a clock is set right do not add up.
      state = State{now, steady, true, {}, {}};
      return std::optional<std::string>();
    }
    return std::optional(state.jumped);
  });
  if (!jumped) return std::string();
  auto why = *jumped;
  if (why.empty()) {
    LINNET_TRY(why, gap_before(connection, now));
  }
  if (!why.empty())
    why = fmt::format(
        "{}. Nothing is removed for its age until the clock has gone evenly for a day; «linnet retention run "
        "--dry-run» shows what would go, and «linnet retention run» removes it at once",
        why);
  state_.with([&](State& state) { state.doubt = why; });
  return why;
}

std::string ClockTrust::doubt() const {
  return state_.with([](const State& state) { return state.doubt; });
}

}  // namespace linnet::govern
