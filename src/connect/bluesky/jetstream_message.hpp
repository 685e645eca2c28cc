// One message of Jetstream: what happened to one record or one account. Pure: JSON in, entities out.
#pragma once

#include <simdjson.h>

#include <optional>
#include <string>
#include <string_view>

#include "base/arena.hpp"
#include "connect/bluesky/post_record.hpp"
#include "model/sighting.hpp"

namespace linnet::connect::bluesky {

constexpr std::string_view kPosts = "app.bsky.feed.post";

// All text is borrowed from the arena it was read into.
struct JetstreamMessage {
  enum class Kind { commit, identity, account, other };
  enum class Operation { none, create, update, remove };

  Kind kind = Kind::other;
  std::string_view did;
  Instant at{};  // when Jetstream saw it, which is its place in the stream
  // Of a commit.
  Operation operation = Operation::none;
  std::string_view collection;
  std::string_view uri;                     // at://DID/COLLECTION/KEY
  std::optional<model::PostSighting> post;  // created or updated, where it could be understood
  FieldError record_error;
  // Of an identity event; empty where it tells none, or that there is none (handle.invalid).
  std::string_view handle;
  // Of an account event.
  bool is_active = true;
  std::string_view status;  // deleted, takendown, suspended, deactivated …

  // Its posts are gone for good, as far as anybody can say.
  [[nodiscard]] bool is_account_deleted() const {
    return kind == Kind::account && !is_active && status == "deleted";
  }
  // The platform shows its posts no more, and may show them again.
  [[nodiscard]] bool is_account_taken_down() const {
    return kind == Kind::account && !is_active && status == "takendown";
  }
  [[nodiscard]] bool is_account_back() const { return kind == Kind::account && is_active; }
};

// The error says why it is no message of Jetstream; one of a kind or collection that is not known is no
// error.
FieldError read_message(simdjson::dom::element element, Arena& arena, std::string& scratch,
                        JetstreamMessage& message);

// What the message says, into an event that bears the name under which the connector handed it on.
FieldError fill_event(JetstreamMessage message, model::Event& event);

// Reads whole frames; keeps its buffers. One per thread.
class JetstreamReader {
 public:
  // The message lives in the reader until the next call.
  FieldError read(std::string_view frame, JetstreamMessage& message);

 private:
  simdjson::dom::parser parser_;
  std::string scratch_;
  std::optional<Arena> arena_;
};

}  // namespace linnet::connect::bluesky
