#include "govern/capability_names.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <set>

#include "base/text.hpp"
#include "connect/text_length.hpp"

namespace linnet::govern {
namespace {

using connect::Capabilities;
using connect::PlatformLimits;

constexpr std::string_view kYes = "yes";
constexpr std::string_view kNo = "no";
constexpr std::string_view kUnit = "content/text_unit";
constexpr std::string_view kFormats = "media/media_formats";
constexpr std::string_view kVideoAlone = "media/video_goes_alone";
constexpr std::string_view kUrlLength = "limits/characters_per_link";

struct Flag {
  std::string_view type;
  std::string_view name;
  std::string_view description;
  bool Capabilities::*field;
  bool may_be_set = true;
};
constexpr Flag kFlags[] = {
    {"content", "polls", "Posts can have polls", &Capabilities::polls},
    {"content", "content_warnings", "Posts can have content warnings", &Capabilities::spoiler_text},
    {"content", "visibility", "Posts can be other than public", &Capabilities::visibility},
    {"content", "quotes", "Posts can quote others", &Capabilities::quotes},
    {"media", "attachments", "Posts can have media", &Capabilities::media},
    {"api", "scheduling", "The platform has a scheduler of its own", &Capabilities::scheduling},
    {"api", "repeats_recognised", "An order that comes twice is carried out once",
     &Capabilities::has_idempotency_key},
    {"api", "repeated_messages_pass", "A message that comes twice is sent twice",
     &Capabilities::messages_have_no_key, false},
};

struct Number {
  std::string_view name;
  std::string_view description;
  PlatformLimits::Number PlatformLimits::*field;
};
constexpr Number kNumbers[] = {
    {"max_character_limit", "Most characters of a text", &PlatformLimits::text_length},
    {"max_text_bytes", "Most bytes of a text", &PlatformLimits::text_bytes},
    {"max_media", "Most files of a post", &PlatformLimits::media_count},
    {"max_image_bytes", "Most bytes of an image", &PlatformLimits::image_bytes},
    {"max_video_bytes", "Most bytes of a video or sound", &PlatformLimits::video_bytes},
    {"max_description_characters", "Most characters of a file's description",
     &PlatformLimits::alt_text_length},
    {"max_poll_options", "Most options of a poll", &PlatformLimits::poll_options},
    {"max_poll_option_characters", "Most characters of a poll's option", &PlatformLimits::poll_option_length},
    {"max_poll_seconds", "Longest time that a poll is open", &PlatformLimits::poll_most_seconds},
};
// Of which the higher is the stricter; nobody sets it.
constexpr Number kLeastPollSeconds = {"min_poll_seconds", "Shortest time that a poll is open",
                                      &PlatformLimits::poll_least_seconds};

// Of direct messages, where they take other than posts do.
struct MessageNumber {
  std::string_view name;
  std::string_view description;
  PlatformLimits::Number PlatformLimits::Message::*field;
};
constexpr MessageNumber kMessageNumbers[] = {
    {"max_message_characters", "Most characters of a direct message", &PlatformLimits::Message::text_length},
    {"max_message_bytes", "Most bytes of a direct message", &PlatformLimits::Message::text_bytes},
    {"max_message_media", "Most files of a direct message", &PlatformLimits::Message::media_count},
};

std::string key_of(std::string_view type, std::string_view name) {
  return fmt::format("{}/{}", type, name);
}

std::string action_key(int action) {
  return key_of("api", model::to_string(static_cast<model::ActionType>(action)));
}

std::string word_of(bool flag) {
  return std::string(flag ? kYes : kNo);
}

std::vector<CapabilityName> make_names() {
  std::vector<CapabilityName> names;
  const auto add = [&](std::string_view type, std::string_view name, std::string description,
                       CapabilityForm form, bool may_be_set) {
    names.push_back({std::string(type), std::string(name), std::move(description), form, may_be_set});
  };
  add("content", "text_unit",
      "What texts are counted in: characters, graphemes as people see them, or as Mastodon does: graphemes, "
      "with links all of one length and mentions without their server",
      CapabilityForm::word, false);
  add("media", "media_formats", "Types of files; empty: the platform does not say", CapabilityForm::list,
      true);
  add("media", "video_goes_alone", "A video or sound is the only file of its post", CapabilityForm::word,
      false);
  for (const auto& flag : kFlags)
    add(flag.type, flag.name, std::string(flag.description), CapabilityForm::flag, flag.may_be_set);
  for (int i = 0; i < model::kActionTypes; ++i) {
    const auto name = model::to_string(static_cast<model::ActionType>(i));
    add("api", name, fmt::format("Programs can do {}", name), CapabilityForm::flag, true);
  }
  for (const auto& number : kNumbers)
    add("limits", number.name, std::string(number.description), CapabilityForm::number, true);
  for (const auto& number : kMessageNumbers)
    add("limits", number.name, std::string(number.description), CapabilityForm::number, true);
  add("limits", "characters_per_link", "What a link counts as; 0: as long as it is", CapabilityForm::number,
      false);
  add("limits", kLeastPollSeconds.name, std::string(kLeastPollSeconds.description), CapabilityForm::number,
      false);
  return names;
}

std::optional<std::int64_t> number_in(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failed != std::errc() || end != text.data() + text.size() || number < 0) return {};
  return number;
}

std::vector<std::string> items_of(std::string_view list) {
  std::vector<std::string> items;
  while (!list.empty()) {
    const auto comma = std::min(list.find(','), list.size());
    if (const auto item = trim(list.substr(0, comma)); !item.empty()) items.emplace_back(item);
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return items;
}

std::string joined(const std::vector<std::string>& items) {
  return fmt::format("{}", fmt::join(items, ", "));
}

PlatformLimits::Number number_at(const CapabilityValues& values, std::string_view name) {
  const auto found = values.find(key_of("limits", name));
  return found == values.end() ? std::nullopt : number_in(found->second);
}

// Before there was Mastodon's own way of counting, its servers were kept as counting characters with a length
// for links.
PlatformLimits::Unit unit_in(const CapabilityValues& values, std::int64_t url_length) {
  const auto found = values.find(std::string(kUnit));
  if (found == values.end()) return PlatformLimits::Unit::characters;
  const auto unit = connect::parse_text_unit(found->second).value_or(PlatformLimits::Unit::characters);
  const bool is_of_old = unit == PlatformLimits::Unit::characters && url_length > 0;
  return is_of_old ? PlatformLimits::Unit::links_alike : unit;
}

const CapabilityName* name_of_key(std::string_view key) {
  for (const auto& name : capability_names()) {
    if (key_of(name.type, name.name) == key) return &name;
  }
  return nullptr;
}

}  // namespace

const std::vector<CapabilityName>& capability_names() {
  static const auto names = make_names();
  return names;
}

Result<const CapabilityName*> find_capability(std::string_view type, std::string_view name) {
  std::vector<std::string_view> here;
  for (const auto& known : capability_names()) {
    if (known.type != type) continue;
    if (known.name == name) return &known;
    here.push_back(known.name);
  }
  const auto shown = [](std::string_view text) { return to_valid_utf8(truncate_utf8(text, 60)); };
  if (here.empty())
    return invalid(fmt::format("type: expected content, media, api or limits, got \"{}\"", shown(type)));
  return invalid(fmt::format("name: expected one of {}, got \"{}\"", fmt::join(here, ", "), shown(name)));
}

CapabilityValues values_of(const Capabilities& capabilities) {
  CapabilityValues values;
  for (const auto& flag : kFlags) values[key_of(flag.type, flag.name)] = word_of(capabilities.*(flag.field));
  for (int i = 0; i < model::kActionTypes; ++i)
    values[action_key(i)] = word_of(capabilities.actions.contains(static_cast<model::ActionType>(i)));
  return values;
}

CapabilityValues values_of(const PlatformLimits& limits) {
  CapabilityValues values;
  const auto put = [&](std::string_view name, const PlatformLimits::Number& number) {
    if (number) values[key_of("limits", name)] = std::to_string(*number);
  };
  for (const auto& number : kNumbers) put(number.name, limits.*(number.field));
  put(kLeastPollSeconds.name, limits.*(kLeastPollSeconds.field));
  for (const auto& number : kMessageNumbers) {
    if (limits.message) put(number.name, (*limits.message).*(number.field));
  }
  values[std::string(kUnit)] = connect::to_string(limits.text_unit);
  values[std::string(kUrlLength)] = std::to_string(limits.url_length);
  values[std::string(kVideoAlone)] = word_of(limits.video_goes_alone);
  values[std::string(kFormats)] = joined(limits.media_types);
  return values;
}

bool is_limit(std::string_view key) {
  return key.starts_with("limits/") || key == kUnit || key == kFormats || key == kVideoAlone;
}

std::optional<Capabilities> capabilities_from(const CapabilityValues& values) {
  Capabilities can;
  bool is_known = false;
  for (int i = 0; i < model::kActionTypes; ++i) {
    const auto found = values.find(action_key(i));
    if (found == values.end()) continue;
    is_known = true;
    if (found->second == kYes) can.actions.insert(static_cast<model::ActionType>(i));
  }
  if (!is_known) return {};
  for (const auto& flag : kFlags) {
    const auto found = values.find(key_of(flag.type, flag.name));
    can.*(flag.field) = found != values.end() && found->second == kYes;
  }
  return can;
}

std::optional<PlatformLimits> limits_from(const CapabilityValues& values) {
  PlatformLimits limits;
  bool is_known = false;
  for (const auto& number : kNumbers) {
    limits.*(number.field) = number_at(values, number.name);
    is_known = is_known || limits.*(number.field);
  }
  limits.*(kLeastPollSeconds.field) = number_at(values, kLeastPollSeconds.name);
  PlatformLimits::Message message;
  bool has_message = false;
  for (const auto& number : kMessageNumbers) {
    message.*(number.field) = number_at(values, number.name);
    has_message = has_message || message.*(number.field);
  }
  if (has_message) limits.message = message;
  if (const auto formats = values.find(std::string(kFormats)); formats != values.end()) {
    limits.media_types = items_of(formats->second);
    is_known = is_known || !limits.media_types.empty();
  }
  if (!is_known) return {};
  limits.url_length = number_at(values, "characters_per_link").value_or(0);
  limits.text_unit = unit_in(values, limits.url_length);
  const auto alone = values.find(std::string(kVideoAlone));
  limits.video_goes_alone = alone != values.end() && alone->second == kYes;
  return limits;
}

Result<std::string> read_capability_value(const CapabilityName& name, std::string_view given) {
  const auto value = trim(given);
  const auto wrong = [&](std::string_view expected) {
    return invalid(fmt::format("value: {}/{} is {}, got \"{}\"", name.type, name.name, expected,
                               to_valid_utf8(truncate_utf8(value, 60))));
  };
  switch (name.form) {
    case CapabilityForm::flag:
      if (value == kYes || value == kNo) return std::string(value);
      return wrong("yes or no");
    case CapabilityForm::number: {
      const auto number = number_in(value);
      if (!number) return wrong("a whole number from 0");
      return std::to_string(*number);
    }
    case CapabilityForm::list: {
      const auto items = items_of(value);
      const bool are_types = std::all_of(items.begin(), items.end(), [](const std::string& item) {
        return is_valid_utf8(item) && item.find('/') != std::string::npos && item.size() <= 100;
      });
      if (items.empty() || !are_types) return wrong("a list such as image/png, image/jpeg");
      return joined(items);
    }
    case CapabilityForm::word:
      break;
  }
  return std::string(value);
}

std::optional<std::string> stricter_of(const CapabilityName& name, const std::string& one,
                                       const std::string& other) {
  switch (name.form) {
    case CapabilityForm::flag:
      return word_of(one == kYes && other == kYes);
    case CapabilityForm::number:
      return std::to_string(std::min(number_in(one).value_or(std::numeric_limits<std::int64_t>::max()),
                                     number_in(other).value_or(std::numeric_limits<std::int64_t>::max())));
    case CapabilityForm::list: {
      if (one.empty()) return other;
      if (other.empty()) return one;
      const auto allowed = items_of(one);
      auto both = items_of(other);
      std::erase_if(both, [&](const std::string& item) {
        return std::find(allowed.begin(), allowed.end(), item) == allowed.end();
      });
      if (both.empty()) return std::nullopt;
      return joined(both);
    }
    case CapabilityForm::word:
      break;
  }
  return one;
}

CapabilityValues stricter_of(const CapabilityValues& some, const CapabilityValues& others) {
  auto values = some;
  for (const auto& [key, value] : others) {
    const auto* const name = name_of_key(key);
    const auto place = values.find(key);
    if (name == nullptr || place == values.end()) {
      values.insert_or_assign(key, value);
      continue;
    }
    // Types that exclude each other leave none: a name that no file has.
    place->second = stricter_of(*name, place->second, value).value_or("none/none");
  }
  return values;
}

}  // namespace linnet::govern
