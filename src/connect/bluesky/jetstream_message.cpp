#include "connect/bluesky/jetstream_message.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "connect/bluesky/record_key.hpp"
#include "connect/sighting_text.hpp"

namespace linnet::connect::bluesky {
namespace {

// The whole message is parsed before any of it is believed: what is broken in one place gives nothing.
namespace json = simdjson::dom;
using Kind = JetstreamMessage::Kind;
using Operation = JetstreamMessage::Operation;

// Smaller numbers are counted, not made from the time; greater ones are past the year 9999.
constexpr std::int64_t kLeastMicros = 1'000'000'000'000'000;
constexpr std::int64_t kMostMicros = 253'402'300'799'999'999;

Kind kind_of(std::string_view name) {
  if (name == "commit") return Kind::commit;
  if (name == "identity") return Kind::identity;
  return name == "account" ? Kind::account : Kind::other;
}

Operation operation_of(std::string_view name) {
  if (name == "create") return Operation::create;
  if (name == "update") return Operation::update;
  return name == "delete" ? Operation::remove : Operation::none;
}

class MessageParse {
 public:
  MessageParse(Arena& arena, std::string& scratch, JetstreamMessage& message)
      : arena_(arena), scratch_(scratch), message_(message) {}

  FieldError read(json::object object) {
    for (const auto& [key, value] : object) {
      if (auto error = read_field(key, value)) return error;
    }
    if (!is_did(message_.did)) return fmt::format("did: expected a DID, got \"{}\"", shown(message_.did));
    if (message_.at == Instant{}) return "time_us: expected microseconds since 1970";
    if (message_.kind == Kind::commit) return finish_commit();
    // It is what it says it is, whatever else stands in it.
    message_.post.reset();
    message_.record_error.reset();
    return {};
  }

 private:
  static std::string shown(std::string_view text) { return std::string(truncate_utf8(text, 100)); }

  std::string_view text(json::element value) {
    std::string_view text;
    return value.get_string().get(text) == simdjson::SUCCESS ? keep_text(arena_, text) : std::string_view();
  }

  FieldError read_field(std::string_view key, json::element value) {
    if (key == "did") {
      message_.did = text(value);
    } else if (key == "time_us") {
      std::int64_t micros = 0;
      const auto code = value.get_int64().get(micros);
      if (code == simdjson::SUCCESS && micros >= kLeastMicros && micros <= kMostMicros)
        message_.at = from_micros(micros);
    } else if (key == "kind") {
      message_.kind = kind_of(text(value));
    } else if (key == "commit") {
      return read_part(value, [this](auto name, auto part) { return read_commit(name, part); });
    } else if (key == "identity") {
      return read_part(value, [this](auto name, auto part) {
        if (name == "handle" && is_handle(text(part))) message_.handle = text(part);
        return FieldError();
      });
    } else if (key == "account") {
      return read_part(value, [this](auto name, auto part) { return read_account(name, part); });
    }
    return {};
  }

  template <typename Read>
  FieldError read_part(json::element value, const Read& read) {
    json::object object;
    if (value.get_object().get(object) != simdjson::SUCCESS) return "expected an object in it";
    for (const auto& [key, part] : object) {
      if (auto error = read(key, part)) return error;
    }
    return {};
  }

  FieldError read_account(std::string_view key, json::element value) {
    if (key == "status") message_.status = text(value);
    if (key != "active") return {};
    if (value.get_bool().get(message_.is_active) != simdjson::SUCCESS)
      return "account.active: expected true or false";
    return {};
  }

  FieldError read_commit(std::string_view key, json::element value) {
    if (key == "operation") {
      message_.operation = operation_of(text(value));
    } else if (key == "collection") {
      message_.collection = text(value);
    } else if (key == "rkey") {
      record_key_ = text(value);
    } else if (key == "record") {
      // Whether it is a post is known only when the collection is, which may stand behind it.
      json::object record;
      message_.post.emplace();
      message_.record_error = value.get_object().get(record) == simdjson::SUCCESS
                                  ? record_.read(record, *message_.post)
                                  : FieldError("record: expected an object");
      if (message_.record_error) message_.post.reset();
    }
    return {};
  }

  FieldError finish_commit() {
    auto post = std::move(message_.post);
    message_.post.reset();
    if (message_.collection != kPosts) {
      message_.record_error.reset();
      return {};
    }
    const auto uri = fmt::format("at://{}/{}/{}", message_.did, message_.collection, record_key_);
    if (!parse_at_uri(uri) || uri.size() > kLongestKey)
      return fmt::format("rkey: expected a record key, got \"{}\"", shown(record_key_));
    message_.uri = arena_.copy(uri);
    const bool has_content =
        message_.operation == Operation::create || message_.operation == Operation::update;
    if (!has_content) {
      message_.record_error.reset();
      return {};
    }
    if (!post && !message_.record_error) message_.record_error = "record: expected it to be there";
    if (post) finish_post(*post);
    message_.post = std::move(post);
    return {};
  }

  void finish_post(model::PostSighting& post) {
    post.id = message_.uri;
    post.author.id = post.author.username = post.author.acct = message_.did;
    post.author.is_bare = true;
    // Clocks of authors may be wrong: nothing is written after it was seen.
    post.created_at = std::min(record_.created_at().value_or(message_.at), message_.at);
    if (message_.operation == Operation::update) post.edited_at = message_.at;
    post.uri = message_.uri;
    post.url = arena_.copy(fmt::format("https://bsky.app/profile/{}/post/{}", message_.did, record_key_));
    post.visibility = "public";
    post.has_counts = false;
    post.begins_at_zero = true;
    add_hashes(post);
    add_lists(post, arena_, scratch_);
  }

  Arena& arena_;
  std::string& scratch_;
  JetstreamMessage& message_;
  PostRecordReader record_{arena_, scratch_};
  std::string_view record_key_;
};

}  // namespace

FieldError read_message(json::element element, Arena& arena, std::string& scratch,
                        JetstreamMessage& message) {
  json::object object;
  if (element.get_object().get(object) != simdjson::SUCCESS) return "expected a JSON object";
  return MessageParse(arena, scratch, message).read(object);
}

FieldError fill_event(JetstreamMessage message, model::Event& event) {
  if (event.kind == model::EventKind::account) {
    if (message.kind != Kind::identity) return "kind: expected identity";
    if (message.handle.empty()) {
      // It says that something changed, and not what.
      event.kind = model::EventKind::other;
      return {};
    }
    event.account.emplace();
    event.account->id = message.did;
    event.account->username = event.account->acct = message.handle;
    return {};
  }
  if (message.record_error) return message.record_error;
  if (!message.post) return "expected a post that was created or updated";
  event.posts.push_back(std::move(*message.post));
  event.status_id = event.posts.back().id;
  return {};
}

FieldError JetstreamReader::read(std::string_view frame, JetstreamMessage& message) {
  arena_.emplace();
  message = {};
  json::element element;
  auto code = parser_.parse(frame.data(), frame.size()).get(element);
  // Half a surrogate, or bytes that are no UTF-8, cost no post: the reader of the line mends them alike.
  if (code == simdjson::STRING_ERROR || code == simdjson::UTF8_ERROR) {
    const auto mended = without_half_surrogates(to_valid_utf8(frame));
    code = parser_.parse(mended.data(), mended.size()).get(element);
  }
  if (code) return fmt::format("expected JSON in UTF-8: {}", simdjson::error_message(code));
  return read_message(element, *arena_, scratch_, message);
}

}  // namespace linnet::connect::bluesky
