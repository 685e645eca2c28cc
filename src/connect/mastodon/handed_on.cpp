#include "connect/mastodon/handed_on.hpp"

#include "connect/mastodon/raw_status.hpp"

namespace linnet::connect::mastodon {
namespace {

constexpr std::string_view kPayload = ",\"payload\":";

std::string_view payload_of(std::string_view line) {
  const auto place = line.find(kPayload);
  if (place == std::string_view::npos || !line.ends_with('}')) return {};
  line.remove_prefix(place + kPayload.size());
  line.remove_suffix(1);
  return line;
}

}  // namespace

std::optional<std::pair<std::string, std::string>> status_handed_on(std::string_view event,
                                                                    std::string_view line) {
  if (event != "update" && event != "status.update") return {};
  auto status = read_raw_status(payload_of(line));
  if (!status) return {};
  return std::pair(std::move(status->id), std::move(status->edited_at));
}

}  // namespace linnet::connect::mastodon
