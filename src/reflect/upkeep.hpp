// What keeps insights right by themselves: expired ones go, runs that were cut off say so, and what was
// withdrawn for its sources is made again of those that remain.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>

#include "reflect/layer_run.hpp"

namespace linnet::reflect {

struct UpkeepDone {
  std::int64_t expired = 0;
  std::int64_t failed_runs = 0;
  std::int64_t remade = 0;      // another stands in its place
  std::int64_t not_remade = 0;  // nothing remains of which it could be made
  [[nodiscard]] bool is_nothing() const { return expired + failed_runs + remade + not_remade == 0; }
};
// `find_layer` is nullopt for one that is there no more.
using FindLayer = std::function<Result<std::optional<Layer>>(const std::string& name)>;

// `may_destroy` is false while the clock is in doubt: then nothing expires.
Result<UpkeepDone> look_after_insights(const LayerParts& parts, const FindLayer& find_layer, bool may_destroy,
                                       const std::stop_token& stop);

}  // namespace linnet::reflect
