#include "connect/mastodon/instance_limits.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>
#include <cmath>
#include <initializer_list>

#include "base/text.hpp"

namespace linnet::connect::mastodon {
namespace {

namespace json = boost::json;
using Number = PlatformLimits::Number;
using Path = std::initializer_list<std::string_view>;

constexpr std::int64_t kUrlLength = 23;  // of a link, on Mastodon since its beginning

const json::value* find(const json::object& object, Path path) {
  const json::value* value = nullptr;
  const json::object* inner = &object;
  for (const auto name : path) {
    if (inner == nullptr) return nullptr;
    value = inner->if_contains(name);
    inner = value == nullptr ? nullptr : value->if_object();
  }
  return value;
}

// Some say numbers as text, or with a fraction of none.
Number number_of(const json::value& value) {
  if (value.is_int64()) return value.as_int64();
  if (value.is_double() && std::abs(value.as_double()) < 9e15 &&
      std::trunc(value.as_double()) == value.as_double())
    return static_cast<std::int64_t>(value.as_double());
  if (!value.is_string()) return {};
  const std::string_view text(value.as_string());
  std::int64_t number = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  return failed == std::errc() && end == text.data() + text.size() ? Number(number) : std::nullopt;
}

// The first of the places that says a number. Nothing and less is how some write «no limit»: then it is not
// known.
void fill(Number& into, const json::object& instance, std::initializer_list<Path> places,
          std::int64_t least = 1) {
  for (const auto& place : places) {
    if (into) return;
    const auto* const value = find(instance, place);
    const auto number = value == nullptr ? std::nullopt : number_of(*value);
    if (number && *number >= least) into = number;
  }
}

// Where it is not known how a server counts, in code points: no count is higher.
void fill_unit(PlatformLimits& limits, const json::object& instance, ServerFamily family) {
  switch (family) {
    case ServerFamily::mastodon: {
      limits.text_unit = PlatformLimits::Unit::links_alike;
      limits.video_goes_alone = true;
      Number url_length;
      fill(url_length, instance, {{"configuration", "statuses", "characters_reserved_per_url"}});
      limits.url_length = url_length.value_or(kUrlLength);
      return;
    }
    case ServerFamily::pleroma:
      limits.text_unit = PlatformLimits::Unit::graphemes;
      return;
    case ServerFamily::other:
      return;
  }
}

void fill_media_types(PlatformLimits& limits, const json::object& instance) {
  const auto* const types = find(instance, {"configuration", "media_attachments", "supported_mime_types"});
  if (types == nullptr || !types->is_array() || !limits.media_types.empty()) return;
  for (const auto& type : types->as_array()) {
    if (!type.is_string()) continue;
    const std::string_view name(type.as_string());
    // Any file at all.
    if (name == "application/octet-stream" || name == "*/*") {
      limits.media_types.clear();
      return;
    }
    limits.media_types.emplace_back(name);
  }
}

}  // namespace

void fill_limits(PlatformLimits& limits, const json::object& instance, ServerFamily family) {
  fill_unit(limits, instance, family);
  fill(limits.text_length, instance, {{"configuration", "statuses", "max_characters"}, {"max_toot_chars"}});
  fill(limits.media_count, instance,
       {{"configuration", "statuses", "max_media_attachments"}, {"max_media_attachments"}});
  fill(limits.image_bytes, instance,
       {{"configuration", "media_attachments", "image_size_limit"}, {"upload_limit"}});
  fill(limits.video_bytes, instance,
       {{"configuration", "media_attachments", "video_size_limit"}, {"upload_limit"}});
  fill(limits.alt_text_length, instance,
       {{"configuration", "media_attachments", "description_limit"}, {"description_limit"}});
  fill(limits.poll_options, instance,
       {{"configuration", "polls", "max_options"}, {"poll_limits", "max_options"}});
  fill(limits.poll_option_length, instance,
       {{"configuration", "polls", "max_characters_per_option"}, {"poll_limits", "max_option_chars"}});
  fill(limits.poll_least_seconds, instance,
       {{"configuration", "polls", "min_expiration"}, {"poll_limits", "min_expiration"}}, 0);
  fill(limits.poll_most_seconds, instance,
       {{"configuration", "polls", "max_expiration"}, {"poll_limits", "max_expiration"}});
  fill_media_types(limits, instance);
}

bool says_everything(const PlatformLimits& limits) {
  return limits.text_length && limits.media_count && limits.image_bytes && limits.video_bytes &&
         limits.alt_text_length && limits.poll_options && limits.poll_option_length &&
         limits.poll_least_seconds && limits.poll_most_seconds;
}

}  // namespace linnet::connect::mastodon
