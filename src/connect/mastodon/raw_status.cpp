#include "connect/mastodon/raw_status.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <charconv>

namespace linnet::connect::mastodon {
namespace {

namespace ondemand = simdjson::ondemand;

bool read_id(ondemand::value value, std::string& id) {
  std::string_view text;
  if (value.get_string().get(text) == simdjson::SUCCESS) {
    id = text;
    return !id.empty();
  }
  std::uint64_t number = 0;
  if (value.get_uint64().get(number) != simdjson::SUCCESS) return false;
  id = std::to_string(number);
  return true;
}

}  // namespace

Result<RawStatus> read_raw_status(std::string_view text) {
  const simdjson::padded_string padded(text);
  ondemand::parser parser;
  ondemand::document document;
  ondemand::object object;
  if (parser.iterate(padded).get(document) != simdjson::SUCCESS ||
      document.get_object().get(object) != simdjson::SUCCESS) {
    return invalid("a status: expected a JSON object");
  }
  RawStatus status;
  bool has_id = false;
  for (auto item : object) {
    ondemand::field field;
    if (std::move(item).get(field) != simdjson::SUCCESS) return invalid("a status: a broken JSON object");
    if (field.key() == "id") {
      has_id = read_id(field.value(), status.id);
    } else if (field.key() == "edited_at") {
      std::string_view edited;
      if (field.value().get_string().get(edited) == simdjson::SUCCESS) status.edited_at = edited;
    } else if (field.key() == "account") {
      ondemand::object account;
      std::string_view acct;
      if (field.value().get_object().get(account) == simdjson::SUCCESS &&
          account["acct"].get_string().get(acct) == simdjson::SUCCESS)
        status.acct = acct;
    }
  }
  if (!has_id) return invalid("a status: expected an id");
  status.json = text;
  return status;
}

Result<RawStatuses> split_statuses(std::string_view text) {
  const simdjson::padded_string padded(text);
  ondemand::parser parser;
  ondemand::document document;
  ondemand::array array;
  if (parser.iterate(padded).get(document) != simdjson::SUCCESS ||
      document.get_array().get(array) != simdjson::SUCCESS) {
    return invalid("expected a JSON array of statuses");
  }
  RawStatuses result;
  for (auto element : array) {
    ondemand::object object;
    std::string_view raw;
    const auto code = element.get_object().get(object);
    if (code == simdjson::INCORRECT_TYPE) {
      ++result.unreadable;
      continue;
    }
    if (code != simdjson::SUCCESS || object.raw_json().get(raw) != simdjson::SUCCESS) {
      return invalid("expected a JSON array of statuses, got a broken one");
    }
    auto status = read_raw_status(raw);
    if (status) {
      result.statuses.push_back(std::move(*status));
    } else {
      ++result.unreadable;
    }
  }
  return result;
}

bool id_less(std::string_view a, std::string_view b) {
  return a.size() != b.size() ? a.size() < b.size() : a < b;
}

std::optional<std::string> id_earlier(std::string_view id, std::int64_t milliseconds) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(id.data(), id.data() + id.size(), number);
  if (error != std::errc() || end != id.data() + id.size()) return std::nullopt;
  // 2001 and later: smaller numbers are counted, not made from the time.
  constexpr std::uint64_t kFirstWithTime = 1'000'000'000'000ULL << 16U;
  const auto earlier = static_cast<std::uint64_t>(milliseconds) << 16U;
  if (number < kFirstWithTime || earlier > number) return std::nullopt;
  return std::to_string(number - earlier);
}

}  // namespace linnet::connect::mastodon
