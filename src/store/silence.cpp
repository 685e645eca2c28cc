#include "store/silence.hpp"

#include <algorithm>

namespace linnet::store {
namespace {

constexpr auto kLongEnough = std::chrono::milliseconds(1500);
// Whoever looks stood still, too, between two looks that are further apart.
constexpr auto kMostOfOneLook = std::chrono::milliseconds(750);

struct Sign {
  Instant lease_until{};
  bool is_alive = false;
};

// Of each process its newest: all its leases are renewed at once.
std::map<std::string, Sign> signs_of(const std::map<std::string, LeaseRow>& rows) {
  std::map<std::string, Sign> signs;
  const auto add = [&](const std::string& process, const LeaseRow& row) {
    auto& sign = signs[process];
    sign.lease_until = std::max(sign.lease_until, row.lease_until);
    sign.is_alive = sign.is_alive || row.is_alive;
  };
  for (const auto& [name, row] : rows) {
    if (!row.holder.empty()) add(row.holder, row);
    // One that ended in good order holds nothing any more.
    if (const auto process = process_of_lease(name); process && row.holder.empty()) add(*process, row);
  }
  return signs;
}

}  // namespace

void Silence::look(const std::map<std::string, LeaseRow>& rows, const std::set<std::string>& without_session,
                   Steady::time_point now) {
  const auto signs = signs_of(rows);
  std::erase_if(watched_, [&](const auto& one) { return !signs.contains(one.first); });
  for (const auto& [process, sign] : signs) {
    const auto place = watched_.find(process);
    const bool shows_itself = sign.is_alive && !without_session.contains(process);
    // A lease that others ended has changed, too, and has run out.
    const bool is_renewed =
        place != watched_.end() && sign.is_alive && sign.lease_until != place->second.lease_until;
    Watched next{sign.lease_until, now, {}};
    if (place != watched_.end() && !shows_itself && !is_renewed) {
      const auto between = std::min<Steady::duration>(now - place->second.looked_at, kMostOfOneLook);
      next.silent = place->second.silent + between;
    }
    watched_.insert_or_assign(process, next);
  }
}

bool Silence::is_over(const std::string& process) const {
  const auto place = watched_.find(process);
  return place != watched_.end() && place->second.silent >= kLongEnough;
}

}  // namespace linnet::store
