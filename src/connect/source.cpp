#include "connect/source.hpp"

namespace linnet::connect {

Status StreamReader::watch(const std::set<std::string>& /*streams*/) {
  return internal_error("this reader follows one stream");
}

Result<std::size_t> Source::read_counts(const std::stop_token& /*stop*/) {
  return not_found("counts of this network are not asked for");
}

Result<FollowsRead> Source::read_follows(const PlatformUserId& /*account*/, const std::stop_token& /*stop*/) {
  return not_found("who follows whom is not asked of this network");
}

}  // namespace linnet::connect
