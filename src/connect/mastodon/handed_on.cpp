#include "connect/mastodon/handed_on.hpp"

#include <boost/json.hpp>

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
  const auto payload = payload_of(line);
  // A stream sends the status as the text of a string, a list as it is.
  std::string text;
  if (payload.starts_with('"')) {
    boost::system::error_code code;
    const auto value = boost::json::parse(payload, code);
    if (code || !value.is_string()) return {};
    text = value.get_string();
  }
  auto status = read_raw_status(text.empty() ? payload : std::string_view(text));
  if (!status) return {};
  return std::pair(std::move(status->id), std::move(status->edited_at));
}

}  // namespace linnet::connect::mastodon
