// What Linnet itself did that a replay must repeat: events of a network of its own, which have their place
// among those of the servers.
//
//   {"received_at":"…","event":"retention.posts_removed","network":"linnet","payload":{…}}
//
// They stand in the log under no server, and whatever comes from outside is of one: so nobody else can say
// such a thing, in whatever form it is written.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/arena.hpp"
#include "base/ids.hpp"
#include "base/instant.hpp"
#include "base/result.hpp"
#include "connect/event_reader.hpp"
#include "model/sighting.hpp"

namespace linnet::observe {

// In place of a server.
inline const InstanceId kLinnet{0};
inline bool is_own(InstanceId instance) {
  return instance == kLinnet;
}

// A rule of retention took posts of one server away. Those of them that were seen first only later, as when
// they came again meanwhile, stay.
struct PostsRemoved {
  static constexpr std::string_view kType = "retention.posts_removed";
  std::string rule;
  Instant before{};
  InstanceId instance{};
  std::vector<std::string> posts;
};
std::string line_of(const PostsRemoved& fact, Instant now);
// `invalid` names the field and what was expected.
Result<PostsRemoved> read_posts_removed(std::string_view payload);

// Reads the lines of the log, those of servers and Linnet's own. Keeps buffers; one per thread.
class LineReader {
 public:
  // As connect::EventReader::read; of the instance that the line stands under.
  model::Event read(InstanceId instance, std::string_view line, Instant now, Arena& arena);

 private:
  connect::EventReader servers_;
};

}  // namespace linnet::observe
