#include "analyze/daily_summary_json.hpp"

namespace linnet::analyze {

namespace json = boost::json;

json::value parse_column(const std::string& text) {
  boost::system::error_code error;
  auto value = json::parse(text, error);
  return error ? json::value() : value;
}

json::object to_json(const StoredSummary& summary) {
  return {{"instance_id", summary.instance_id},
          {"instance", summary.base_url},
          {"date", summary.date},
          {"window_start", to_iso8601(summary.window_start)},
          {"window_end", to_iso8601(summary.window_end)},
          {"summary_text", summary.text},
          {"mood", summary.mood},
          {"avg_sentiment", summary.mean_sentiment ? json::value(*summary.mean_sentiment) : json::value()},
          {"topics", parse_column(summary.topics_json)},
          {"notable", parse_column(summary.notable_json)},
          {"provider", summary.provider},
          {"model", summary.model},
          {"prompt_version", summary.prompt_version},
          {"input_stats", parse_column(summary.input_stats_json)},
          {"input_hash", summary.input_hash},
          {"created_at", to_iso8601(summary.created_at)}};
}

}  // namespace linnet::analyze
