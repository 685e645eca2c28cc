#include "analyze/hashtag_json.hpp"

#include "store/record/json.hpp"

namespace linnet::analyze {

Result<std::vector<RisingTag>> with_sparklines(store::Connection& connection, std::vector<TrendingTag> tags,
                                               Instant at) {
  constexpr int kHours = 24;
  std::vector<RisingTag> rising;
  for (auto& tag : tags) {
    LINNET_TRY(const auto history, hashtag_history(connection, tag.name, at, kHours));
    std::vector<std::int64_t> sparkline;
    for (const auto& hour : history.hours) sparkline.push_back(hour.posts);
    rising.push_back({std::move(tag), std::move(sparkline)});
  }
  return rising;
}

}  // namespace linnet::analyze

namespace linnet::record {

using namespace linnet::analyze;

template <>
const Entity& entity_of<TrendingTag>() {
  static const auto described =
      entity<TrendingTag>({.name = "TrendingHashtag"},
                          {field<&TrendingTag::name>("name").like("books"),
                           field<&TrendingTag::recent>("recent"), field<&TrendingTag::baseline>("baseline"),
                           field<&TrendingTag::score>("score"), field<&TrendingTag::accounts>("accounts")});
  return described;
}
template <>
const Entity& entity_of<RisingTag>() {
  static const auto described = entity<RisingTag>(
      {.name = "RisingHashtag", .bases = {within<&RisingTag::tag>()}},
      {field<&RisingTag::sparkline>("sparkline").means("Posts of each hour of a day, oldest first")});
  return described;
}
template <>
const Entity& entity_of<HashtagView>() {
  static const auto described = entity<HashtagView>(
      {.name = "Hashtag"},
      {field<&HashtagView::name>("name").like("books"), field<&HashtagView::base_url>("instance"),
       field<&HashtagView::posts>("posts"), field<&HashtagView::first_seen_at>("first_seen_at"),
       field<&HashtagView::last_seen_at>("last_seen_at")});
  return described;
}
template <>
const Entity& entity_of<HashtagHour>() {
  static const auto described = entity<HashtagHour>(
      {.name = "HashtagHour"},
      {field<&HashtagHour::hour>("hour"), field<&HashtagHour::posts>("posts"),
       field<&HashtagHour::accounts>("accounts"), field<&HashtagHour::engagement>("engagement")});
  return described;
}
template <>
const Entity& entity_of<HashtagHistory>() {
  static const auto described = entity<HashtagHistory>(
      {.name = "HashtagHistory"},
      {field<&HashtagHistory::name>("name").like("books"),
       field<&HashtagHistory::first_seen_at>("first_seen_at"),
       field<&HashtagHistory::last_seen_at>("last_seen_at"), field<&HashtagHistory::hours>("hours")});
  return described;
}
template <>
const Entity& entity_of<RelatedTag>() {
  static const auto described = entity<RelatedTag>(
      {.name = "RelatedHashtag"}, {field<&RelatedTag::name>("name").like("reading"),
                                   field<&RelatedTag::count>("count"), field<&RelatedTag::lift>("lift")});
  return described;
}
template <>
const Entity& entity_of<DomainFigures>() {
  static const auto described = entity<DomainFigures>(
      {.name = "DomainFigures"},
      {field<&DomainFigures::domain>("domain"), field<&DomainFigures::posts>("posts"),
       field<&DomainFigures::accounts>("accounts"), field<&DomainFigures::engagement>("engagement")});
  return described;
}

}  // namespace linnet::record
