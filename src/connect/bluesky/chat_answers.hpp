// What the chat service says (chat.bsky.convo.*), read. It passes on what strangers write: any bytes do, and
// what cannot be read is left out or an error, never taken for something else.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/instant.hpp"
#include "base/result.hpp"

namespace linnet::connect::bluesky {

struct ChatMember {
  std::string did;
  std::string handle;  // empty where the service knows none that counts
};

struct ChatMessage {
  enum class Kind : std::uint8_t {
    text,
    deleted,  // by the account: the others may still see it
    other,    // somebody joined, the conversation was locked …
  };
  Kind kind = Kind::other;
  std::string id;
  std::string sender;  // DID
  std::string text;    // valid UTF-8 without NUL
  bool shows_post = false;
  std::optional<Instant> sent_at;
};

struct ChatConvo {
  std::string id;
  std::vector<ChatMember> members;  // of a group: some of them
  std::int64_t unread_count = 0;
  bool is_group = false;
  std::string group_name;
  std::string
      rev;  // with the last message; another one when something happened in it, empty where it is not said
};

struct ConvoPage {
  std::vector<ChatConvo> convos;
  std::string cursor;  // empty: there are no more
};

struct MessagePage {
  std::vector<ChatMessage> messages;  // newest first
  std::string cursor;
  bool is_whole = true;  // nothing was left out
};

struct ChatAvailability {
  bool can_chat = false;
  std::optional<ChatConvo> convo;  // where there is one already
};

Result<ConvoPage> read_convo_page(std::string_view body);
Result<MessagePage> read_message_page(std::string_view body);
// The conversation in {"convo": …}.
Result<ChatConvo> read_convo(std::string_view body);
// One that was just sent.
Result<ChatMessage> read_message(std::string_view body);
Result<ChatAvailability> read_availability(std::string_view body);

}  // namespace linnet::connect::bluesky
