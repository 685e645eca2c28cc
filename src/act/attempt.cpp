#include "act/attempt.hpp"

#include <fmt/format.h>
#include <unicode/normalizer2.h>

#include <boost/json.hpp>

#include "base/hash.hpp"
#include "base/json_members.hpp"
#include "base/text.hpp"
#include "connect/audience.hpp"
#include "store/record/json.hpp"

namespace linnet::act {
namespace {

namespace json = boost::json;

bool is_space(char c) {
  return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f' || c == '\v';
}

std::string collapse_spaces(std::string_view text) {
  std::string collapsed;
  bool gap = false;
  for (const char c : trim(text)) {
    if (is_space(c)) {
      gap = true;
      continue;
    }
    if (gap) collapsed += ' ';
    gap = false;
    collapsed += c;
  }
  return collapsed;
}

std::string to_nfc(std::string_view text) {
  UErrorCode status = U_ZERO_ERROR;
  const auto* const nfc = icu::Normalizer2::getNFCInstance(status);
  if (U_FAILURE(status)) return std::string(text);
  const auto unicode =
      icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<int>(text.size())));
  std::string normal;
  nfc->normalize(unicode, status).toUTF8String(normal);
  return U_FAILURE(status) ? std::string(text) : normal;
}

void put_text(json::object& object, std::string_view name, const std::string& text) {
  if (!text.empty()) object[name] = text;
}

json::object poll_to_json(const connect::Poll& poll) {
  return {{"options", json::array(poll.options.begin(), poll.options.end())},
          {"openForSeconds", std::chrono::duration_cast<std::chrono::seconds>(poll.open_for).count()},
          {"multiple", poll.multiple}};
}

connect::Poll poll_from_json(const json::object& object) {
  connect::Poll poll;
  if (const auto* const options = object.if_contains("options"); options != nullptr && options->is_array()) {
    for (const auto& option : options->as_array()) {
      if (option.is_string()) poll.options.emplace_back(std::string_view(option.as_string()));
    }
  }
  if (const auto* const time = object.if_contains("openForSeconds"); time != nullptr && time->is_int64())
    poll.open_for = std::chrono::seconds(time->as_int64());
  if (const auto* const multiple = object.if_contains("multiple"); multiple != nullptr && multiple->is_bool())
    poll.multiple = multiple->as_bool();
  return poll;
}

}  // namespace

namespace {

std::string media_hash_of(const std::vector<connect::MediaFile>& files) {
  Sha256 hash;
  for (const auto& file : files) hash.update(sha256_hex(file.bytes));
  return hash.finish_hex();
}

// Everything that makes one text with its files and its poll another than the next.
std::string content_of(const Attempt& attempt) {
  auto content = attempt.text_hash;
  for (const auto* const part : {"mediaHash", "poll"}) {
    if (const auto* const value = attempt.input.if_contains(part)) content += "|" + json::serialize(*value);
  }
  return content;
}

}  // namespace

std::string text_hash_of(std::string_view text) {
  const auto plain = collapse_spaces(to_nfc(text));
  return plain.empty() ? std::string() : sha256_hex(plain);
}

Result<json::object> draft_to_input(const connect::Draft& draft, model::ActionType type, const AttemptId& id,
                                    const SecretBox& box) {
  LINNET_CHECK(connect::check_visibility(draft, type));
  json::object input;
  if (type == model::ActionType::dm_send) {
    LINNET_TRY(const auto sealed, box.seal(draft.text, id.value()));
    input["textEncrypted"] = sealed;
  } else {
    put_text(input, "text", draft.text);
  }
  put_text(input, "textHash", text_hash_of(draft.text));
  put_text(input, "spoilerText", draft.spoiler_text);
  put_text(input, "visibility", draft.visibility);
  put_text(input, "language", draft.language);
  put_text(input, "quotePolicy", draft.quote_policy);
  put_text(input, "channel", draft.channel);
  if (draft.sensitive) input["sensitive"] = true;
  if (draft.quoted_id) input["quotedId"] = *draft.quoted_id;
  if (draft.scheduled_at) input["scheduledAt"] = to_iso8601(*draft.scheduled_at);
  if (draft.link) input["link"] = *draft.link;
  if (draft.poll) input["poll"] = poll_to_json(*draft.poll);
  json::array media;
  for (const auto& file : draft.media)
    media.push_back(
        json::object{{"name", file.name}, {"mediaType", file.media_type}, {"altText", file.alt_text}});
  if (!media.empty()) {
    input["media"] = std::move(media);
    input["mediaHash"] = media_hash_of(draft.media);
  }
  return input;
}

Result<connect::Draft> input_to_draft(const json::object& input, const AttemptId& id, const SecretBox& box) {
  connect::Draft draft;
  draft.text = text_in(input, "text");
  if (const auto sealed = text_in(input, "textEncrypted"); !sealed.empty() && sealed != "[REDACTED]") {
    LINNET_TRY(draft.text, box.unseal(sealed, id.value()));
  }
  draft.spoiler_text = text_in(input, "spoilerText");
  draft.visibility = text_in(input, "visibility");
  draft.language = text_in(input, "language");
  draft.quote_policy = text_in(input, "quotePolicy");
  draft.channel = text_in(input, "channel");
  if (const auto* const value = input.if_contains("sensitive"))
    draft.sensitive = value->is_bool() && value->as_bool();
  if (auto quoted = text_in(input, "quotedId"); !quoted.empty()) draft.quoted_id = std::move(quoted);
  draft.scheduled_at = parse_iso8601(text_in(input, "scheduledAt"));
  if (auto link = text_in(input, "link"); !link.empty()) draft.link = std::move(link);
  if (const auto* const poll = input.if_contains("poll"); poll != nullptr && poll->is_object())
    draft.poll = poll_from_json(poll->as_object());
  return draft;
}

Guards guards_of(const Attempt& attempt) {
  using enum model::ActionType;
  const auto key = [&](std::string_view what, std::string_view rest) {
    return fmt::format("{}|{}|{}", attempt.account.value(), what, rest);
  };
  if (model::only_reads(attempt.type)) return {};
  // The target of a post in a thread is not known before the one above it is made.
  if (!attempt.depends_on.empty()) return {key("thread", attempt.depends_on), ""};
  switch (attempt.type) {
    case publish:
      return {key("publish", content_of(attempt)), ""};
    case edit_post:
      return {key("edit_post", attempt.target_id), ""};
    case comment:
    case reply: {
      const auto both = key("comment", attempt.target_id + "|" + content_of(attempt));
      return {both, both};
    }
    case dm_send: {
      const auto both = key("dm_send", attempt.target_id + "|" + content_of(attempt));
      return {both, both};
    }
    default: {
      const auto both = key(model::to_string(attempt.type), attempt.target_id);
      return {both, both};
    }
  }
}

Action action_of(const Attempt& attempt, connect::Draft draft) {
  Action action;
  action.type = attempt.type;
  action.target_type = attempt.target_type;
  action.target_id = attempt.target_id;
  action.target_user_id = attempt.target_user_id;
  action.text_hash = attempt.text_hash;
  action.draft = std::move(draft);
  action.by_hand = attempt.by_hand;
  action.has_own_time = attempt.planned_at > attempt.attempted_at;
  action.planned_at = attempt.planned_at;
  action.continues_thread = !attempt.depends_on.empty();
  action.expires_at = attempt.expires_at;
  return action;
}

json::object to_json(const Attempt& attempt) {
  return record::to_json(attempt);
}

}  // namespace linnet::act
