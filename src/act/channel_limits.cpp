// What the platform takes: lengths and counts, checked before anything is sent.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "act/policy_rules.hpp"
#include "base/file_kind.hpp"
#include "base/text.hpp"
#include "connect/text_length.hpp"

namespace linnet::act {
namespace {

using connect::PlatformLimits;
using rules::Opinion;

Verdict deny(std::string reason) {
  return {"", Decision::deny, std::move(reason), {}};
}

bool exceeds(std::int64_t count, const PlatformLimits::Number& most) {
  return most && count > *most;
}

std::int64_t size_of(std::string_view text) {
  return static_cast<std::int64_t>(text.size());
}

bool is_film_or_sound(const connect::MediaFile& file) {
  return file.media_type.starts_with("video/") || file.media_type.starts_with("audio/");
}

Opinion judge_file(const connect::MediaFile& file, const PlatformLimits& limits) {
  const auto& types = limits.media_types;
  if (!types.empty() && !lists_type(types, file.media_type))
    return deny(fmt::format("media: {} is {}, which the server does not take", file.name, file.media_type));
  const auto most = is_film_or_sound(file) ? limits.video_bytes : limits.image_bytes;
  if (exceeds(file.size, most)) {
    return deny(fmt::format("media: {} has {} bytes, the server takes {}; make it smaller", file.name,
                            file.size, *most));
  }
  if (exceeds(count_code_points(file.alt_text), limits.alt_text_length)) {
    return deny(fmt::format("media: the description of {} is longer than {} characters", file.name,
                            *limits.alt_text_length));
  }
  return {};
}

Opinion judge_media(const std::vector<connect::MediaFile>& files, const PlatformLimits& limits) {
  if (exceeds(static_cast<std::int64_t>(files.size()), limits.media_count))
    return deny(fmt::format("media: {} given, the server takes {}", files.size(), *limits.media_count));
  if (limits.video_goes_alone && files.size() > 1 &&
      std::any_of(files.begin(), files.end(), is_film_or_sound))
    return deny("media: a video or sound goes alone, got other files with it");
  for (const auto& file : files) {
    if (auto opinion = judge_file(file, limits)) return opinion;
  }
  return {};
}

// Whatever the server is.
Opinion judge_options(const connect::Poll& poll) {
  if (poll.options.size() < 2)
    return deny(fmt::format("poll: expected 2 options or more, got {}", poll.options.size()));
  std::set<std::string_view> seen;
  for (const auto& option : poll.options) {
    const auto shown = trim(option);
    if (shown.empty()) return deny("poll: an option is empty");
    if (!is_valid_utf8(shown)) return deny("poll: expected options in valid UTF-8");
    if (!seen.insert(shown).second) return deny(fmt::format("poll: the option \"{}\" is given twice", shown));
  }
  return {};
}

std::string in_words(std::int64_t seconds) {
  if (seconds >= std::int64_t{2} * 86'400) return fmt::format("{} days", seconds / 86'400);
  if (seconds >= std::int64_t{2} * 3'600) return fmt::format("{} hours", seconds / 3'600);
  if (seconds >= 120 && seconds % 60 == 0) return fmt::format("{} minutes", seconds / 60);
  return fmt::format("{} seconds", seconds);
}

Opinion judge_poll(const connect::Poll& poll, const PlatformLimits& limits) {
  const auto count = static_cast<std::int64_t>(poll.options.size());
  if (exceeds(count, limits.poll_options))
    return deny(fmt::format("poll: {} options given, the server takes 2 to {}", count, *limits.poll_options));
  for (const auto& option : poll.options) {
    if (exceeds(connect::plain_length(option, limits), limits.poll_option_length))
      return deny(fmt::format("poll: an option has 1 to {} characters", *limits.poll_option_length));
  }
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(poll.open_for).count();
  if (limits.poll_least_seconds && seconds < *limits.poll_least_seconds) {
    return deny(fmt::format("poll: open for {}, the server takes {} or more", in_words(seconds),
                            in_words(*limits.poll_least_seconds)));
  }
  if (exceeds(seconds, limits.poll_most_seconds)) {
    return deny(fmt::format("poll: open for {}, the server takes at most {}", in_words(seconds),
                            in_words(*limits.poll_most_seconds)));
  }
  return {};
}

Opinion judge_text(const connect::Draft& draft, const std::string& prefix, const PlatformLimits& limits) {
  const auto length = connect::text_length(draft.spoiler_text, prefix + draft.text, limits);
  if (exceeds(length, limits.text_length)) {
    const bool counts_points = limits.text_unit == PlatformLimits::Unit::characters;
    return deny(fmt::format("text: {} {}, the server takes {}", length,
                            counts_points ? "characters" : "characters as people count them",
                            *limits.text_length));
  }
  if (exceeds(size_of(draft.text), limits.text_bytes)) {
    return deny(fmt::format("text: {} bytes, the server takes {}; emojis of several parts take the most",
                            draft.text.size(), *limits.text_bytes));
  }
  return {};
}

// Nothing is refused on a guess; whoever asks is told that it was not looked at.
Opinion say_what_is_unknown(const Situation& situation, const connect::Draft& draft) {
  const auto allow = [](std::string reason) { return Verdict{"", Decision::allow, std::move(reason), {}}; };
  if (situation.is_server_unread)
    return allow("what the server takes is not known yet; it is asked before anything is sent");
  if (!situation.limits) return {};
  const auto& limits = *situation.limits;
  if (!limits.text_length) return allow("the server does not say how long a text may be");
  if (draft.poll && !limits.poll_options) return allow("the server does not say what polls it takes");
  if (!draft.media.empty() && !limits.media_count)
    return allow("the server does not say how many files it takes");
  return {};
}

PlatformLimits limits_for(const Action& action, PlatformLimits limits) {
  if (action.type != model::ActionType::dm_send || !limits.message) return limits;
  limits.text_length = limits.message->text_length;
  limits.text_bytes = limits.message->text_bytes;
  limits.media_count = limits.message->media_count;
  return limits;
}

}  // namespace

Opinion rules::channel_limits(const Action& action, const Situation& situation) {
  if (!model::has_text(action.type)) return {};
  const auto& draft = action.draft;
  if (trim(draft.text).empty() && draft.media.empty() && !draft.poll)
    return deny("text: expected some, got none");
  if (!is_valid_utf8(draft.text)) return deny("text: expected valid UTF-8");
  if (draft.poll && !draft.media.empty()) return deny("poll: a post has a poll or media, not both");
  if (draft.poll) {
    if (auto opinion = judge_options(*draft.poll)) return opinion;
  }
  if (!situation.limits) return say_what_is_unknown(situation, draft);
  const auto limits = limits_for(action, *situation.limits);
  if (auto opinion = judge_text(draft, situation.message_prefix, limits)) return opinion;
  if (auto opinion = judge_media(draft.media, limits)) return opinion;
  if (draft.poll) {
    if (auto opinion = judge_poll(*draft.poll, limits)) return opinion;
  }
  return say_what_is_unknown(situation, draft);
}

}  // namespace linnet::act
