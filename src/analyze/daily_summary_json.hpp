#pragma once

#include <boost/json.hpp>

#include "analyze/daily_summaries.hpp"
#include "store/record/entity.hpp"

namespace linnet::analyze {

// A summary as the API and the commands show it.
boost::json::object to_json(const StoredSummary& summary);
// A JSON column; null where it holds none.
boost::json::value parse_column(const std::string& text);

// In the shape of what a summary keeps as JSON (daily_summary_text.cpp writes it).
struct KeptTopic {
  std::string name;
  std::int64_t posts = 0, accounts = 0;
};
struct KeptPost {
  std::string id, author, excerpt;
  std::int64_t replies = 0, reblogs = 0, favourites = 0;
};
struct KeptMood {
  std::int64_t positive = 0, neutral = 0, negative = 0;
  std::optional<double> mean;
};
struct KeptStats {
  std::string instance;
  Instant window_start{}, window_end{};
  std::int64_t posts = 0, replies = 0, reblogs = 0, accounts = 0, edits = 0, deletions = 0;
  KeptMood sentiment;
  std::vector<KeptTopic> topics;
  std::vector<KeptPost> notable;
};

}  // namespace linnet::analyze

namespace linnet::record {

template <>
const Entity& entity_of<analyze::KeptTopic>();
template <>
const Entity& entity_of<analyze::KeptPost>();
template <>
const Entity& entity_of<analyze::KeptMood>();
template <>
const Entity& entity_of<analyze::KeptStats>();
template <>
const Entity& entity_of<analyze::StoredSummary>();

}  // namespace linnet::record
