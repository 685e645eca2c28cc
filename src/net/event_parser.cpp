#include <charconv>
#include <utility>

#include "base/text.hpp"
#include "net/event_source.hpp"

namespace linnet::net {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

}  // namespace

Status EventParser::feed(std::string_view bytes, const std::function<Status(const ServerEvent&)>& on_event) {
  while (!bytes.empty()) {
    if (after_cr_) {
      after_cr_ = false;
      if (bytes.front() == '\n') {
        bytes.remove_prefix(1);
        continue;
      }
    }
    const auto end = bytes.find_first_of("\r\n");
    const auto piece = bytes.substr(0, end);
    if (line_.size() + data_.size() + piece.size() > max_event_bytes_) {
      return invalid("server-sent events: one event is larger than " + std::to_string(max_event_bytes_) +
                     " bytes");
    }
    line_ += piece;
    if (end == std::string_view::npos) return {};
    after_cr_ = bytes[end] == '\r';
    bytes.remove_prefix(end + 1);
    LINNET_CHECK(end_line(on_event));
  }
  return {};
}

Status EventParser::end_line(const std::function<Status(const ServerEvent&)>& on_event) {
  const std::string whole = std::exchange(line_, {});
  std::string_view line = whole;
  if (at_start_ && line.substr(0, kByteOrderMark.size()) == kByteOrderMark)
    line.remove_prefix(kByteOrderMark.size());
  at_start_ = false;
  if (line.empty()) return dispatch(on_event);
  const auto colon = line.find(':');
  if (colon == 0) return {};  // a comment
  if (colon == std::string_view::npos) {
    take_field(line, {});
    return {};
  }
  auto value = line.substr(colon + 1);
  if (!value.empty() && value.front() == ' ') value.remove_prefix(1);
  take_field(line.substr(0, colon), value);
  return {};
}

void EventParser::take_field(std::string_view name, std::string_view value) {
  if (name == "data") {
    data_ += value;
    data_ += '\n';
  } else if (name == "event") {
    type_ = std::string(value);
  } else if (name == "id") {
    if (value.find('\0') == std::string_view::npos) id_ = std::string(value);
  } else if (name == "retry") {
    std::int64_t millis = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), millis);
    constexpr std::int64_t kMost = 24L * 3600 * 1000;
    const bool only_digits =
        !value.empty() && value.find_first_not_of("0123456789") == std::string_view::npos;
    if (only_digits && error == std::errc() && millis <= kMost) retry_ = std::chrono::milliseconds{millis};
  }
}

Status EventParser::dispatch(const std::function<Status(const ServerEvent&)>& on_event) {
  last_event_id_ = id_;
  ServerEvent event;
  event.type = std::exchange(type_, {});
  event.data = std::exchange(data_, {});
  if (event.data.empty()) return {};
  event.data.pop_back();  // the line feed after the last line
  if (event.type.empty()) event.type = "message";
  event.data = to_valid_utf8(event.data);
  event.last_event_id = last_event_id_;
  return on_event(event);
}

}  // namespace linnet::net
