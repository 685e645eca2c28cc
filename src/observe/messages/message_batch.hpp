// The messages that one batch touches, and the reactions to them: what the database holds, and writing what
// changed.
#pragma once

#include <deque>
#include <span>
#include <string>
#include <unordered_map>

#include "observe/messages/message_state.hpp"
#include "store/bulk.hpp"
#include "store/connection.hpp"

namespace linnet::observe {

// One person's reaction to one message.
struct ReactionState {
  InstanceId instance{};
  std::string_view message, user, emoji;
  std::string shown;  // as it stands in counts
  bool is_stored = false;
  bool is_changed = false;
  std::optional<Instant> added_at;
  std::optional<Instant> removed_at;
  [[nodiscard]] bool is_there() const { return (is_stored || is_changed) && !removed_at; }
  [[nodiscard]] bool was_ever_there() const { return is_stored || is_changed; }
};

class MessageBatch {
 public:
  // Every message and reaction that the events name. `greatest` are the ids in the tables, by instance: most
  // new messages lie beyond them and need not be looked for.
  using Greatest = std::unordered_map<InstanceId, std::string>;
  Status load(store::Connection& connection, std::span<const model::Event> events, Greatest& greatest);

  MessageState& message(InstanceId instance, std::string_view id);
  ReactionState& reaction(InstanceId instance, std::string_view message, std::string_view user,
                          std::string_view emoji);
  // All that the batch knows of the message, and those that only the database knows.
  void clear_reactions(InstanceId instance, std::string_view message, std::string_view emoji, Instant at);

  Status write(store::Connection& connection, bool redact);
  Arena& arena() { return arena_; }

 private:
  struct Cleared {
    InstanceId instance;
    std::string_view message, emoji;
    Instant at;
  };
  std::string_view key(InstanceId instance, std::initializer_list<std::string_view> parts);
  void add_message(InstanceId instance, std::string_view id);
  Status load_messages(store::Connection& connection, Greatest& greatest);
  Status load_tombstones(store::Connection& connection);
  Status load_reactions(store::Connection& connection);
  Status write_messages(store::Connection& connection);
  Status write_redacted(store::Connection& connection);
  Status write_reactions(store::Connection& connection);

  Arena arena_;
  std::string key_;
  std::deque<MessageState> messages_;
  std::deque<ReactionState> reactions_;
  std::unordered_map<std::string, MessageState*> messages_by_key_;
  std::unordered_map<std::string, ReactionState*> reactions_by_key_;
  std::vector<Cleared> cleared_;
};

}  // namespace linnet::observe
