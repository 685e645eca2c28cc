// What the platform takes: lengths and counts, checked before anything is sent.
#include <fmt/format.h>
#include <unicode/brkiter.h>

#include <algorithm>
#include <memory>

#include "act/policy_rules.hpp"
#include "base/text.hpp"

namespace linnet::act {
namespace {

std::int64_t count_code_points(std::string_view text) {
  return std::count_if(text.begin(), text.end(),
                       [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; });
}

std::int64_t count_graphemes(std::string_view text) {
  UErrorCode status = U_ZERO_ERROR;
  const std::unique_ptr<icu::BreakIterator> breaks(
      icu::BreakIterator::createCharacterInstance(icu::Locale::getRoot(), status));
  if (U_FAILURE(status)) return count_code_points(text);
  const auto unicode =
      icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<int>(text.size())));
  breaks->setText(unicode);
  std::int64_t count = 0;
  while (breaks->next() != icu::BreakIterator::DONE) ++count;
  return count;
}

bool is_space(char c) {
  return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

// The links of a text: from "http://" or "https://" to the next white space.
std::vector<std::string_view> links_of(std::string_view text) {
  std::vector<std::string_view> links;
  for (std::size_t at = 0; (at = text.find("http", at)) != std::string_view::npos;) {
    const auto rest = text.substr(at);
    if (!rest.starts_with("http://") && !rest.starts_with("https://")) {
      at += 4;
      continue;
    }
    const auto end = std::find_if(rest.begin(), rest.end(), is_space);
    links.push_back(rest.substr(0, static_cast<std::size_t>(end - rest.begin())));
    at += links.back().size();
  }
  return links;
}

Verdict deny(std::string reason) {
  return {"", Decision::deny, std::move(reason), {}};
}

rules::Opinion judge_media(const connect::Draft& draft, const connect::PlatformLimits& limits) {
  if (static_cast<std::int64_t>(draft.media.size()) > limits.media_count) {
    return deny(fmt::format("media: {} given, the server takes {}", draft.media.size(), limits.media_count));
  }
  for (const auto& file : draft.media) {
    const bool is_video = file.media_type.starts_with("video/");
    const auto most = is_video ? limits.video_bytes : limits.image_bytes;
    if (static_cast<std::int64_t>(file.bytes.size()) > most) {
      return deny(fmt::format("media: {} has {} bytes, the server takes {}; make it smaller", file.name,
                              file.bytes.size(), most));
    }
    if (!limits.media_types.empty() && std::find(limits.media_types.begin(), limits.media_types.end(),
                                                 file.media_type) == limits.media_types.end())
      return deny(fmt::format("media: {} is {}, which the server does not take", file.name, file.media_type));
    if (count_code_points(file.alt_text) > limits.alt_text_length) {
      return deny(fmt::format("media: the description of {} is longer than {} characters", file.name,
                              limits.alt_text_length));
    }
  }
  return {};
}

rules::Opinion judge_poll(const connect::Poll& poll, const connect::PlatformLimits& limits) {
  const auto count = static_cast<std::int64_t>(poll.options.size());
  if (count < 2 || count > limits.poll_options)
    return deny(fmt::format("poll: {} options given, the server takes 2 to {}", count, limits.poll_options));
  for (const auto& option : poll.options) {
    if (option.empty() || count_code_points(option) > limits.poll_option_length)
      return deny(fmt::format("poll: an option has 1 to {} characters", limits.poll_option_length));
  }
  return {};
}

// Nothing is refused on a guess; whoever asks is told that it was not looked at.
rules::Opinion say_what_is_unknown(const Situation& situation) {
  if (!situation.is_server_unread) return {};
  return Verdict{
      "", Decision::allow, "what the server takes is not known yet; it is asked before anything is sent", {}};
}

connect::PlatformLimits limits_for(const Action& action, connect::PlatformLimits limits) {
  if (action.type != model::ActionType::dm_send || !limits.message) return limits;
  limits.text_length = limits.message->text_length;
  limits.media_count = limits.message->media_count;
  return limits;
}

}  // namespace

std::int64_t text_length(std::string_view text, const connect::PlatformLimits& limits) {
  const auto count = [&](std::string_view part) {
    return limits.text_unit == connect::PlatformLimits::Unit::graphemes ? count_graphemes(part)
                                                                        : count_code_points(part);
  };
  std::int64_t length = count(text);
  if (limits.url_length == 0) return length;
  for (const auto link : links_of(text)) length += limits.url_length - count(link);
  return length;
}

rules::Opinion rules::channel_limits(const Action& action, const Situation& situation) {
  if (!model::has_text(action.type)) return {};
  const auto& draft = action.draft;
  if (trim(draft.text).empty() && draft.media.empty() && !draft.poll)
    return deny("text: expected some, got none");
  if (!is_valid_utf8(draft.text)) return deny("text: expected valid UTF-8");
  if (draft.poll && !draft.media.empty()) return deny("poll: a post has a poll or media, not both");
  if (!situation.limits) return say_what_is_unknown(situation);
  const auto limits = limits_for(action, *situation.limits);
  const auto length = text_length(draft.text, limits) + text_length(draft.spoiler_text, limits);
  if (length > limits.text_length) {
    return deny(fmt::format("text: {} {}, the server takes {}", length,
                            limits.text_unit == connect::PlatformLimits::Unit::graphemes
                                ? "characters as people count them"
                                : "characters",
                            limits.text_length));
  }
  const bool is_message = action.type == model::ActionType::dm_send && limits.message;
  if (is_message && static_cast<std::int64_t>(draft.text.size()) > limits.message->text_bytes) {
    return deny(fmt::format("text: {} bytes, the server takes {} in a message", draft.text.size(),
                            limits.message->text_bytes));
  }
  if (auto opinion = judge_media(draft, limits)) return opinion;
  if (draft.poll) {
    if (auto opinion = judge_poll(*draft.poll, limits)) return opinion;
  }
  return say_what_is_unknown(situation);
}

}  // namespace linnet::act
