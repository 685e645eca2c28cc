#pragma once

#include <boost/json.hpp>

#include "analyze/daily_summaries.hpp"

namespace linnet::analyze {

// A summary as the API and the commands show it.
boost::json::object to_json(const StoredSummary& summary);
// A JSON column; null where it holds none.
boost::json::value parse_column(const std::string& text);

}  // namespace linnet::analyze
