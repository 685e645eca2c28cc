#include "analyze/daily_summary_json.hpp"

#include "store/record/json.hpp"

namespace linnet::analyze {

namespace json = boost::json;

json::value parse_column(const std::string& text) {
  boost::system::error_code error;
  auto value = json::parse(text, error);
  return error ? json::value() : value;
}

json::object to_json(const StoredSummary& summary) {
  return record::to_json(summary);
}

}  // namespace linnet::analyze

namespace linnet::record {

using namespace linnet::analyze;

template <>
const Entity& entity_of<KeptTopic>() {
  static const auto described = entity<KeptTopic>(
      {.name = "SummaryTopic"}, {field<&KeptTopic::name>("name").like("books"),
                                 field<&KeptTopic::posts>("posts"), field<&KeptTopic::accounts>("accounts")});
  return described;
}
template <>
const Entity& entity_of<KeptPost>() {
  static const auto described = entity<KeptPost>(
      {.name = "SummaryPost"},
      {field<&KeptPost::id>("id"), field<&KeptPost::author>("author").like("ada@example.social"),
       field<&KeptPost::excerpt>("excerpt").like("Good morning"), field<&KeptPost::replies>("replies"),
       field<&KeptPost::reblogs>("reblogs"), field<&KeptPost::favourites>("favourites")});
  return described;
}
template <>
const Entity& entity_of<KeptMood>() {
  static const auto described = entity<KeptMood>(
      {.name = "SummaryMood"}, {field<&KeptMood::positive>("positive"), field<&KeptMood::neutral>("neutral"),
                                field<&KeptMood::negative>("negative"), field<&KeptMood::mean>("mean")});
  return described;
}
template <>
const Entity& entity_of<KeptStats>() {
  using Stats = KeptStats;
  static const auto described =
      entity<Stats>({.name = "SummaryStats"},
                    {field<&Stats::instance>("instance"), field<&Stats::window_start>("window_start"),
                     field<&Stats::window_end>("window_end"), field<&Stats::posts>("posts"),
                     field<&Stats::replies>("replies"), field<&Stats::reblogs>("reblogs"),
                     field<&Stats::accounts>("accounts"), field<&Stats::edits>("edits"),
                     field<&Stats::deletions>("deletions"), field<&Stats::sentiment>("sentiment"),
                     field<&Stats::topics>("topics"), field<&Stats::notable>("notable")});
  return described;
}
template <>
const Entity& entity_of<StoredSummary>() {
  using Summary = StoredSummary;
  static const auto described = entity<Summary>(
      {.name = "DailySummary"},
      {field<&Summary::instance_id>("instance_id"), field<&Summary::base_url>("instance"),
       field<&Summary::date>("date").like("2026-08-01"), field<&Summary::window_start>("window_start"),
       field<&Summary::window_end>("window_end"), field<&Summary::text>("summary_text"),
       field<&Summary::mood>("mood").like("neutral"), field<&Summary::mean_sentiment>("avg_sentiment"),
       field<&Summary::topics_json>("topics").json().shaped_as_list_of<KeptTopic>(),
       field<&Summary::notable_json>("notable").json().shaped_as_list_of<KeptPost>(),
       field<&Summary::provider>("provider").like("built-in"),
       field<&Summary::model>("model").like("statistics"),
       field<&Summary::prompt_version>("prompt_version").like("1"),
       field<&Summary::input_stats_json>("input_stats").json().shaped_as<KeptStats>(),
       field<&Summary::input_hash>("input_hash"), field<&Summary::created_at>("created_at")});
  return described;
}

}  // namespace linnet::record
