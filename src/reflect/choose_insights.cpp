#include "reflect/choose_insights.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <cmath>
#include <set>

namespace linnet::reflect {
namespace {

double share_of_newest(Profile profile) {
  switch (profile) {
    case Profile::recent:
      return 0.8;
    case Profile::deep:
      return 0.3;
    case Profile::balanced:
    case Profile::comprehensive:
      break;
  }
  return 0.5;
}

double figure_of(const boost::json::value& metadata, std::string_view name, double otherwise) {
  const auto* const object = metadata.if_object();
  const auto* const found = object == nullptr ? nullptr : object->if_contains(name);
  if (found == nullptr || !found->is_number()) return otherwise;
  return std::clamp(found->to_number<double>(), 0.0, 1.0);
}

bool is_newer(const Insight& a, const Insight& b) {
  return a.created_at != b.created_at ? a.created_at > b.created_at : a.id > b.id;
}

}  // namespace

double weight_of(const Insight& insight) {
  boost::system::error_code code;
  const auto metadata = boost::json::parse(insight.metadata, code);
  const auto said = figure_of(metadata, "confidence", 0.6) * (0.5 + figure_of(metadata, "importance", 0.5));
  const auto rated = insight.rating ? static_cast<double>(*insight.rating - 3) : 0.0;
  return said + rated + (insight.correction.empty() ? 0 : 2);
}

std::vector<Insight> choose_insights(std::vector<Insight> found, Profile profile, std::size_t limit) {
  if (profile == Profile::comprehensive) limit *= 2;
  std::ranges::sort(found, is_newer);
  std::stable_partition(found.begin(), found.end(), [](const Insight& one) { return one.is_pinned; });
  const auto pinned = static_cast<std::size_t>(std::ranges::count_if(found, &Insight::is_pinned));
  if (found.size() <= limit || limit <= pinned) {
    if (found.size() > limit) found.resize(limit);
    return found;
  }
  const auto rest = limit - pinned;
  auto newest = static_cast<std::size_t>(std::lround(static_cast<double>(rest) * share_of_newest(profile)));
  if (rest >= 2) newest = std::clamp<std::size_t>(newest, 1, rest - 1);
  const auto behind = found.begin() + static_cast<std::ptrdiff_t>(pinned + newest);
  std::stable_sort(behind, found.end(),
                   [](const Insight& a, const Insight& b) { return weight_of(a) > weight_of(b); });
  found.resize(limit);
  return found;
}

}  // namespace linnet::reflect
