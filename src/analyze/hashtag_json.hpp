// Hashtags and domains as the API and the commands show them.
#pragma once

#include "analyze/domain_stats.hpp"
#include "analyze/hashtag_figures.hpp"
#include "store/record/entity.hpp"

namespace linnet::analyze {

// A hashtag on the rise, with its posts hour by hour.
struct RisingTag {
  TrendingTag tag;
  std::vector<std::int64_t> sparkline;  // of the last day, oldest first
};
Result<std::vector<RisingTag>> with_sparklines(store::Connection& connection, std::vector<TrendingTag> tags,
                                               Instant at);

}  // namespace linnet::analyze

namespace linnet::record {

template <>
const Entity& entity_of<analyze::TrendingTag>();
template <>
const Entity& entity_of<analyze::RisingTag>();
template <>
const Entity& entity_of<analyze::HashtagView>();
template <>
const Entity& entity_of<analyze::HashtagHour>();
template <>
const Entity& entity_of<analyze::HashtagHistory>();
template <>
const Entity& entity_of<analyze::RelatedTag>();
template <>
const Entity& entity_of<analyze::DomainFigures>();

}  // namespace linnet::record
