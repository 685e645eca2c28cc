// Messages as programs look at them, in the shape of the document on the data model.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/connection.hpp"
#include "store/record/entity.hpp"

namespace linnet::observe {

struct MessageView {
  std::string id, server_id, channel_id, author_id;
  std::string author_name;  // as the network shows them; empty: not known
  std::string channel_name;
  std::optional<std::string> content;  // null: emptied when it was deleted
  Instant created_at{};
  std::optional<Instant> edited_at, deleted_at;
  std::string visibility_scope;
  std::string reactions;  // JSON: how often each was given; empty: none
  Instant ingested_at{};
  std::string reply_to_id;  // empty: none
  std::string thread_id;    // empty: it stands in none
  bool has_media = false;
  bool has_links = false;
  std::int64_t versions = 1;
};

struct MessageFilter {
  std::string server, channel, author;            // ids; empty: all
  std::optional<std::vector<std::int64_t>> rows;  // of these alone, by their numbers
  std::optional<Instant> since, until;
  // Of channels that not every member sees, instead of all others.
  bool restricted = false;
  std::int64_t offset = 0;
  std::int64_t limit = 20;
};

struct MessageList {
  std::vector<MessageView> messages;
  std::int64_t total = 0;
  std::int64_t offset = 0;
  std::int64_t limit = 0;
};

// The newest first; deleted ones are left out.
Result<MessageList> list_chat_messages(store::Connection& connection, const MessageFilter& filter);

// Deleted ones too; `not_found`, also of one that stands where not every member sees it, unless `restricted`.
Result<MessageView> find_chat_message(store::Connection& connection, std::string_view id, bool restricted);

struct MessageFigures {
  std::int64_t messages = 0;
  std::int64_t authors = 0;
  std::int64_t channels = 0;
  std::int64_t servers = 0;
  std::int64_t deleted = 0;
  std::int64_t edited = 0;
  std::optional<Instant> oldest, newest;
};
// Of those that every member sees.
Result<MessageFigures> message_figures(store::Connection& connection);

}  // namespace linnet::observe

namespace linnet::record {

template <>
const Entity& entity_of<observe::MessageView>();
template <>
const Entity& entity_of<observe::MessageList>();
template <>
const Entity& entity_of<observe::MessageFigures>();

}  // namespace linnet::record
