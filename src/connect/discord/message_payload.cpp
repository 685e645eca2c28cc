#include "connect/discord/message_payload.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "connect/discord/dispatch_fields.hpp"
#include "connect/discord/dispatch_reading.hpp"
#include "connect/discord/events.hpp"
#include "connect/discord/snowflake.hpp"
#include "connect/discord/user_sighting.hpp"

namespace linnet::connect::discord {
namespace {

namespace dom = simdjson::dom;
using model::MessageSighting;
using model::ReactionSighting;

// Of a message as written by somebody, not by Discord itself: default, reply, answers to commands.
bool is_written(std::int64_t type) {
  return type == 0 || type == 19 || type == 20 || type == 23;
}

std::string_view media_type_of(std::string_view content_type) {
  for (const auto* const type : {"image", "video", "audio"})
    if (content_type.starts_with(type)) return type;
  return "unknown";
}

model::Emoji read_emoji(DispatchFields& fields, const dom::object& holder) {
  const auto emoji = fields.object(holder, "emoji");
  if (!emoji) return {};
  return {fields.id(*emoji, "id"), fields.text(*emoji, "name").value_or("")};
}

void read_media(DispatchFields& fields, const dom::object& data, MessageSighting& message) {
  fields.each(data, "attachments", [&](const dom::object& file) {
    model::MediaSighting media;
    media.id = fields.id_or_none(file, "id");
    media.type = media_type_of(fields.text(file, "content_type").value_or(""));
    media.url = fields.text(file, "url");
    media.preview_url = fields.text(file, "proxy_url");
    media.description = fields.text(file, "description");
    message.media.push_back(media);
  });
  const auto embeds = fields.list(data, "embeds");
  message.has_embeds = embeds && embeds->size() > 0;
}

void read_mentions(DispatchFields& fields, const dom::object& data, MessageSighting& message) {
  fields.each(data, "mentions", [&](const dom::object& user) {
    const auto person = read_user(fields, user);
    const bool is_known = std::any_of(message.mentions.begin(), message.mentions.end(),
                                      [&](const auto& other) { return other.id == person.id; });
    if (!person.id.empty() && !is_known) message.mentions.push_back(person);
  });
  message.mentioned_role_ids = fields.ids(data, "mention_roles");
  message.mentions_everyone = fields.flag(data, "mention_everyone");
}

// A forwarded message refers to another as an answer does.
void read_reference(DispatchFields& fields, const dom::object& data, MessageSighting& message) {
  const auto reference = fields.object(data, "message_reference");
  const bool answers = reference && fields.number(data, "type").value_or(0) == 19 &&
                       fields.number(*reference, "type").value_or(0) == 0;
  if (!answers) return;
  message.reply_to_id = fields.id(*reference, "message_id");
  if (const auto answered = fields.object(data, "referenced_message")) {
    if (const auto author = fields.object(*answered, "author"))
      message.reply_to_author_id = fields.id(*author, "id");
  }
}

void read_reaction_counts(DispatchFields& fields, const dom::object& data, MessageSighting& message) {
  if (!fields.list(data, "reactions")) return;
  message.reactions.emplace();
  fields.each(data, "reactions", [&](const dom::object& reaction) {
    const auto count = fields.number(reaction, "count");
    if (count) message.reactions->push_back({read_emoji(fields, reaction), *count});
  });
}

FieldError read_message(Dispatch& in) {
  auto& fields = in.fields;
  MessageSighting message;
  message.server_id = in.server;
  message.channel_id = fields.id_or_none(in.data, "channel_id");
  message.id = fields.id_or_none(in.data, "id");
  if (message.id.empty()) return missing("id", "the message's snowflake");
  if (message.channel_id.empty()) return missing("channel_id", "the channel's snowflake");
  message.is_edit = ends(in.event, "_UPDATE");
  if (const auto author = fields.object(in.data, "author")) message.author = read_user(fields, *author);
  if (message.author.id.empty() && !message.is_edit) return missing("author.id", "the author's snowflake");
  message.created_at = time_of_snowflake(*parse_snowflake(message.id));
  message.edited_at = fields.time(in.data, "edited_timestamp");
  message.content = fields.text(in.data, "content");
  if (!message.content && !message.is_edit) message.content = std::string_view("");
  message.is_of_system = !is_written(fields.number(in.data, "type").value_or(0));
  message.is_webhook = !message.author.id.empty() && fields.id(in.data, "webhook_id") == message.author.id;
  read_reference(fields, in.data, message);
  read_mentions(fields, in.data, message);
  read_media(fields, in.data, message);
  read_reaction_counts(fields, in.data, message);
  const auto content = message.content.value_or("");
  message.has_links =
      content.find("http://") != std::string_view::npos || content.find("https://") != std::string_view::npos;
  if (const auto member = fields.object(in.data, "member")) {
    message.member = read_member(fields, *member, in.server);
    message.member->user = message.author;
  }
  in.chat.emplace_back(std::move(message));
  return {};
}

FieldError read_messages_gone(Dispatch& in) {
  model::MessagesGone gone{in.server, in.fields.id_or_none(in.data, "channel_id"), {}};
  if (ends(in.event, "_BULK")) {
    gone.ids = in.fields.ids(in.data, "ids");
  } else if (const auto id = in.fields.id(in.data, "id")) {
    gone.ids.push_back(*id);
  }
  if (gone.ids.empty()) return missing("id", "the snowflakes of deleted messages");
  in.chat.emplace_back(std::move(gone));
  return {};
}

FieldError read_reaction(Dispatch& in) {
  using Change = ReactionSighting::Change;
  auto& fields = in.fields;
  ReactionSighting reaction;
  reaction.change = ends(in.event, "_ADD")            ? Change::added
                    : ends(in.event, "_REMOVE")       ? Change::removed
                    : ends(in.event, "_REMOVE_EMOJI") ? Change::emoji_cleared
                                                      : Change::cleared;
  reaction.server_id = in.server;
  reaction.channel_id = fields.id_or_none(in.data, "channel_id");
  reaction.message_id = fields.id_or_none(in.data, "message_id");
  reaction.message_author_id = fields.id(in.data, "message_author_id");
  reaction.user_id = fields.id_or_none(in.data, "user_id");
  reaction.emoji = read_emoji(fields, in.data);
  if (reaction.message_id.empty()) return missing("message_id", "the message's snowflake");
  const bool is_of_one = reaction.change == Change::added || reaction.change == Change::removed;
  if (is_of_one && reaction.user_id.empty()) return missing("user_id", "the snowflake of who reacted");
  const bool has_emoji = !reaction.emoji.name.empty() || reaction.emoji.id;
  if (reaction.change != Change::cleared && !has_emoji) return missing("emoji", "a name or an id");
  if (const auto member = fields.object(in.data, "member"))
    reaction.member = read_member(fields, *member, in.server);
  in.chat.emplace_back(std::move(reaction));
  return {};
}

struct Reading {
  std::string_view event;
  FieldError (*read)(Dispatch& in);
};

constexpr std::array kReadings = {
    Reading{"MESSAGE_CREATE", read_message},
    Reading{"MESSAGE_UPDATE", read_message},
    Reading{"MESSAGE_DELETE", read_messages_gone},
    Reading{"MESSAGE_DELETE_BULK", read_messages_gone},
    Reading{"MESSAGE_REACTION_ADD", read_reaction},
    Reading{"MESSAGE_REACTION_REMOVE", read_reaction},
    Reading{"MESSAGE_REACTION_REMOVE_ALL", read_reaction},
    Reading{"MESSAGE_REACTION_REMOVE_EMOJI", read_reaction},
    Reading{"GUILD_CREATE", read_server},
    Reading{"GUILD_UPDATE", read_server},
    Reading{"GUILD_DELETE", read_server},
    Reading{"GUILD_ROLE_CREATE", read_role_event},
    Reading{"GUILD_ROLE_UPDATE", read_role_event},
    Reading{"GUILD_ROLE_DELETE", read_role_event},
    Reading{"GUILD_MEMBER_ADD", read_member_event},
    Reading{"GUILD_MEMBER_UPDATE", read_member_event},
    Reading{"GUILD_MEMBER_REMOVE", read_member_event},
    Reading{"CHANNEL_CREATE", read_channel_event},
    Reading{"CHANNEL_UPDATE", read_channel_event},
    Reading{"CHANNEL_DELETE", read_channel_event},
    Reading{"THREAD_CREATE", read_channel_event},
    Reading{"THREAD_UPDATE", read_channel_event},
    Reading{"THREAD_DELETE", read_channel_event},
    Reading{"THREAD_LIST_SYNC", read_threads},
};

const Reading* reading_of(std::string_view event) {
  const auto* const found = std::find_if(kReadings.begin(), kReadings.end(),
                                         [&](const Reading& reading) { return reading.event == event; });
  return found == kReadings.end() ? nullptr : found;
}

// Events about a server itself name it by `id`.
bool is_about_server(std::string_view event) {
  return event == "GUILD_CREATE" || event == "GUILD_UPDATE" || event == "GUILD_DELETE";
}

class DispatchReader final : public PayloadReader {
 public:
  [[nodiscard]] model::EventKind kind_of(std::string_view type) const override {
    return is_read(type) ? model::EventKind::chat : model::EventKind::other;
  }

  FieldError read(simdjson::ondemand::value payload, Arena& arena, model::Event& event,
                  std::string& left_out) override {
    simdjson::ondemand::object object;
    std::string_view raw;
    dom::object data;
    if (payload.get_object().get(object) != simdjson::SUCCESS ||
        object.raw_json().get(raw) != simdjson::SUCCESS)
      return "payload: expected what a dispatch of the gateway holds, as an object";
    if (const auto code = parser_.parse(raw.data(), raw.size()).get_object().get(data))
      return fmt::format("payload: expected JSON: {}", simdjson::error_message(code));
    DispatchFields fields(arena, left_out);
    const auto server = fields.id_or_none(data, is_about_server(event.type) ? "id" : "guild_id");
    if (server.empty())
      return "payload.guild_id: expected the server's snowflake; a direct message is no event";
    Dispatch in{fields, data, event.type, server, event.chat};
    auto error = reading_of(event.type)->read(in);
    if (error) event.chat.clear();
    return error ? "payload." + *error : FieldError();
  }

 private:
  dom::parser parser_;
};

}  // namespace

bool is_read(std::string_view event) {
  return reading_of(event) != nullptr;
}

std::unique_ptr<PayloadReader> make_dispatch_reader() {
  return std::make_unique<DispatchReader>();
}

bool is_private_dispatch(std::string_view event, const boost::json::object* payload) {
  if (payload == nullptr || event.starts_with("INTERACTION") || event == "READY") return true;
  return !payload->contains(is_about_server(event) ? "id" : "guild_id");
}

}  // namespace linnet::connect::discord
