// What a platform can be asked to do in an account's name. A connector only translates: it holds no rule of
// the product and no SQL, and nothing but the gate (act/) calls `perform`.
#pragma once

#include <boost/json/object.hpp>
#include <functional>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "base/instant.hpp"
#include "base/result.hpp"
#include "model/action.hpp"

namespace linnet::connect {

// Bytes that go with a post.
struct MediaFile {
  std::string name;
  std::string media_type;  // "image/png"
  std::string bytes;
  std::string alt_text;
};

struct Poll {
  std::vector<std::string> options;
  Duration open_for = std::chrono::hours(24);
  bool multiple = false;
};

// What is written: of a post, a comment, a message.
struct Draft {
  std::string text;
  std::string spoiler_text;
  std::string visibility;    // public, unlisted, private; empty: the account's own default
  std::string language;      // "en"
  std::string quote_policy;  // public, followers, nobody; empty: the account's own default
  std::string channel;       // where it is published, on networks that have several places (an id)
  bool sensitive = false;
  std::optional<std::string> quoted_id;  // the platform's id of the post that is quoted
  std::optional<Instant> scheduled_at;   // by the platform's own scheduler
  std::optional<Poll> poll;
  std::vector<MediaFile> media;
  std::optional<std::string> link;  // shown as a card, where the platform leaves that to the author
};

// One thing to do. Ids are the platform's own (a Mastodon status id, an AT URI, a DID …).
struct Order {
  model::ActionType type{};
  // The same for every try of one attempt, and for no other attempt: a UUID.
  std::string idempotency_key;
  model::TargetType target_type{};
  std::string target_id;    // of the post, person, conversation; of the account itself for publish
  std::string target_name;  // of a person, for display alone: what is done goes by the id
  Draft draft;
  Instant first_tried_at{};  // when it was first sent, or is
  // Asked right before what takes effect is sent, after every wait: an error keeps it back, and it is not
  // sent. Empty: nothing can have changed.
  std::function<Status()> still_wanted;
  bool is_repeat = false;           // an earlier try may have taken effect: its copies are looked for
  std::set<std::string> of_others;  // ids of what other orders of the account made: none is this one's
  boost::json::object told;         // `details` of the outcome, where there was one
};

enum class OutcomeKind {
  done,
  already_done,  // the platform shows the effect without our doing
  refused,       // the platform says no; asking again would not help
  not_sent,      // it certainly took no effect and may go again, at `retry_at`
  unknown,       // it may have taken effect
};

struct Outcome {
  OutcomeKind kind = OutcomeKind::unknown;
  std::string platform_id;      // of what was made: status id, AT URI, message id
  std::string url;              // where a person can look at it
  boost::json::object details;  // evidence: no text of posts, no secret
  Error error;                  // unless done
  std::optional<Instant> retry_at;
  bool signed_out = false;  // the platform no longer takes the credentials: only a person can help
  bool restricted = false;  // the platform restricts the account: stop and ask a person
};

inline Outcome refused(Error error) {
  Outcome outcome;
  outcome.kind = OutcomeKind::refused;
  outcome.error = std::move(error);
  return outcome;
}

// Whether an order shows its effect on the platform.
struct Evidence {
  enum class Shown { yes, no, cannot_tell };
  Shown shown = Shown::cannot_tell;
  double confidence = 0;  // 0 … 1
  model::VerificationMethod method = model::VerificationMethod::api_response;
  std::string platform_id;  // of what was found
  std::string url;
  boost::json::object details;
  std::vector<std::string> copies;  // addresses, or ids, of others that say the same
  std::string why;                  // of anything but a plain yes, for people
};

struct Person {
  std::string id;    // empty: the platform does not know them
  std::string name;  // "ada@example.social"
  std::string bio;   // plain
};

// What the rules want to know of whom or what an order is aimed at.
struct Target {
  std::string post_text;  // plain; empty for a person
  std::string post_url;
  std::string author_id;    // of the post, or the person
  std::string author_name;  // "ada@example.social"
  std::string author_bio;   // plain
  std::vector<std::string> links;
  std::int64_t author_followers = 0;
  bool already_done = false;  // e.g. the post is liked by the account
  // Whom the order's own text reaches besides.
  std::vector<Person> mentioned;
  std::optional<Person> quoted;  // the author of the post that it quotes
};

// What this server takes, read from it where it says so. What it does not say is not known, and nothing is
// judged by a guess.
struct PlatformLimits {
  using Number = std::optional<std::int64_t>;

  // How the length of a text is counted. `links_alike`: as people see characters, a link as `url_length`, of
  // a mention the name without its server.
  enum class Unit { characters, graphemes, links_alike } text_unit = Unit::characters;
  std::int64_t url_length = 0;
  Number text_length;  // in `text_unit`
  Number text_bytes;
  Number media_count;
  Number image_bytes;
  Number video_bytes;             // of sounds too
  bool video_goes_alone = false;  // a film or sound is the only file of its post
  Number alt_text_length;
  Number poll_options;
  Number poll_option_length;
  Number poll_least_seconds;
  Number poll_most_seconds;
  std::vector<std::string> media_types;  // "image/png"; empty: any
  // Of direct messages, where they take other than posts do.
  struct Message {
    Number text_length;  // in `text_unit`
    Number text_bytes;
    Number media_count;
  };
  std::optional<Message> message;
};

struct Capabilities {
  std::set<model::ActionType> actions;
  bool media = false;
  bool polls = false;
  bool spoiler_text = false;
  bool visibility = false;
  bool scheduling = false;
  bool quotes = false;
  bool has_idempotency_key = false;   // a repeated order is recognised by the platform …
  bool messages_have_no_key = false;  // … but not a message
};

struct MessageSeen {
  std::string id;
  std::string sender_id;
  bool is_from_us = false;
  std::string text;                   // plain
  std::string content_type = "text";  // text, image, video, link
  std::optional<Instant> sent_at;
  std::optional<Instant> read_at;
  bool is_deleted = false;  // by the account; nothing else of it is known
  std::string sender_name;  // "ada@example.social"; empty where the platform does not say it
};

struct ThreadSeen {
  std::string id;
  std::string participant_id;  // empty of a group, which has no first among its members
  std::string participant_name;
  std::int64_t unread_count = 0;
  bool is_archived = false;
  std::vector<MessageSeen> messages;  // the newest, oldest first; empty where they take a call of their own
  std::string version;                // another one when something new is in it; empty: that is not told
  bool is_group = false;              // with more than one person besides the account
};

// Acts for one account. Blocking; one thread at a time. Texts of errors are safe to show and hold no secret.
class ActingConnector {
 public:
  virtual ~ActingConnector() = default;

  [[nodiscard]] virtual Capabilities capabilities() const = 0;
  virtual Result<PlatformLimits> limits(const std::stop_token& stop) = 0;

  virtual Outcome perform(const Order& order, const std::stop_token& stop) = 0;
  // Whether the order shows its effect. `platform_id` is what `perform` gave, or empty when that is not
  // known: then what the account made since `order.first_tried_at` is searched, and `no` is only said when
  // the search was complete.
  virtual Result<Evidence> look(const Order& order, const std::string& platform_id,
                                const std::stop_token& stop) = 0;
  // Of a conversation: its participant, where the platform shows it.
  virtual Result<Target> target(const Order& order, const std::stop_token& stop) = 0;

  // Conversations, newest first, with what they hold. `denied` where the credentials do not cover messages:
  // only a person can help.
  virtual Result<std::vector<ThreadSeen>> threads(const std::stop_token& stop) = 0;
  // Of one that `threads` gave, oldest first; `not_found` where it is no longer there.
  virtual Result<std::vector<MessageSeen>> messages(const ThreadSeen& thread,
                                                    const std::stop_token& stop) = 0;

  // Asks the platform whether the credentials still hold, renewing them where they are about to end. `denied`
  // only when the platform itself says that they are void.
  virtual Status check_credentials(const std::stop_token& stop) = 0;

  // What the platform said of a restriction of the account in the newest answer that told, whatever was asked
  // for; empty: none, or it is lifted.
  [[nodiscard]] virtual std::string restriction() const { return {}; }
  // What was said before counts no longer: only what is said from now on.
  virtual void forget_restriction() {}
  // What the platform called the account when it was last asked; empty: not known.
  [[nodiscard]] virtual std::string own_name() const { return {}; }
};

}  // namespace linnet::connect
