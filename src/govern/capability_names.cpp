#include "govern/capability_names.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <set>

#include "base/text.hpp"

namespace linnet::govern {
namespace {

using connect::Capabilities;
using connect::PlatformLimits;

constexpr std::string_view kYes = "yes";
constexpr std::string_view kNo = "no";
constexpr std::string_view kUnit = "content/text_unit";
constexpr std::string_view kFormats = "media/media_formats";
constexpr std::string_view kTextLength = "limits/max_character_limit";

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
     &Capabilities::has_idempotency_key, false},
    {"api", "repeated_messages_pass", "A message that comes twice is sent twice",
     &Capabilities::messages_have_no_key, false},
};

struct Number {
  std::string_view name;
  std::string_view description;
  std::int64_t PlatformLimits::*field;
  bool may_be_set = true;
};
constexpr Number kNumbers[] = {
    {"max_character_limit", "Most characters of a text", &PlatformLimits::text_length},
    {"characters_per_link", "What a link counts as; 0: as long as it is", &PlatformLimits::url_length, false},
    {"max_media", "Most files of a post", &PlatformLimits::media_count},
    {"max_image_bytes", "Most bytes of an image", &PlatformLimits::image_bytes},
    {"max_video_bytes", "Most bytes of a video", &PlatformLimits::video_bytes},
    {"max_description_characters", "Most characters of a file's description",
     &PlatformLimits::alt_text_length},
    {"max_poll_options", "Most options of a poll", &PlatformLimits::poll_options},
    {"max_poll_option_characters", "Most characters of a poll's option", &PlatformLimits::poll_option_length},
};

// Of direct messages, where they take other than posts do.
struct MessageNumber {
  std::string_view name;
  std::string_view description;
  std::int64_t PlatformLimits::Message::*field;
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
  add("content", "text_unit", "What texts are counted in: characters, or graphemes as people see them",
      CapabilityForm::word, false);
  add("media", "media_formats", "Types of files; empty: the platform does not say", CapabilityForm::list,
      true);
  for (const auto& flag : kFlags)
    add(flag.type, flag.name, std::string(flag.description), CapabilityForm::flag, flag.may_be_set);
  for (int i = 0; i < model::kActionTypes; ++i) {
    const auto name = model::to_string(static_cast<model::ActionType>(i));
    add("api", name, fmt::format("Programs can do {}", name), CapabilityForm::flag, true);
  }
  for (const auto& number : kNumbers)
    add("limits", number.name, std::string(number.description), CapabilityForm::number, number.may_be_set);
  for (const auto& number : kMessageNumbers)
    add("limits", number.name, std::string(number.description), CapabilityForm::number, true);
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
  for (const auto& number : kNumbers)
    values[key_of("limits", number.name)] = std::to_string(limits.*(number.field));
  for (const auto& number : kMessageNumbers) {
    if (limits.message)
      values[key_of("limits", number.name)] = std::to_string((*limits.message).*(number.field));
  }
  const bool counts_graphemes = limits.text_unit == PlatformLimits::Unit::graphemes;
  values[std::string(kUnit)] = counts_graphemes ? "graphemes" : "characters";
  values[std::string(kFormats)] = joined(limits.media_types);
  return values;
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
    const auto found = values.find(key_of("limits", number.name));
    const auto value = found == values.end() ? std::nullopt : number_in(found->second);
    is_known = is_known || value;
    const bool is_a_most = number.field != &PlatformLimits::url_length;
    limits.*(number.field) = value.value_or(is_a_most ? std::numeric_limits<std::int64_t>::max() : 0);
  }
  PlatformLimits::Message message;
  bool has_message = false;
  for (const auto& number : kMessageNumbers) {
    const auto found = values.find(key_of("limits", number.name));
    const auto value = found == values.end() ? std::nullopt : number_in(found->second);
    has_message = has_message || value;
    message.*(number.field) = value.value_or(std::numeric_limits<std::int64_t>::max());
  }
  if (has_message) limits.message = message;
  if (const auto formats = values.find(std::string(kFormats)); formats != values.end()) {
    limits.media_types = items_of(formats->second);
    is_known = is_known || !limits.media_types.empty();
  }
  if (!is_known) return {};
  const auto unit = values.find(std::string(kUnit));
  if (unit != values.end() && unit->second == "graphemes") limits.text_unit = PlatformLimits::Unit::graphemes;
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
