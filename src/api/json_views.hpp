#pragma once

#include <boost/json.hpp>

#include "act/person_erasure.hpp"
#include "analyze/hashtag_figures.hpp"
#include "analyze/post_list.hpp"
#include "connect/connector_health.hpp"
#include "govern/access.hpp"

namespace linnet::api {

// The HTML of posts comes out sanitised.
boost::json::object to_json(const analyze::PostView& post);
boost::json::array to_json(const std::vector<analyze::VersionView>& versions);  // with word diffs
boost::json::array to_json(const std::vector<analyze::SnapshotView>& snapshots);
boost::json::array to_json(const std::vector<analyze::MediaView>& media);
boost::json::object to_json(const connect::ConnectorHealth& health);
boost::json::object to_json(const act::PersonErasure& erasure);
boost::json::array names_of(const govern::Permissions& permissions);

boost::json::value maybe(const std::optional<std::string>& text);
boost::json::value maybe(const std::optional<Instant>& t);

}  // namespace linnet::api
