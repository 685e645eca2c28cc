#include "act/mention_opt_outs.hpp"

#include <algorithm>
#include <map>
#include <memory>

#include "act/heeded_opt_outs.hpp"
#include "base/log.hpp"
#include "govern/blocklist_forms.hpp"
#include "govern/opt_out_signs.hpp"

namespace linnet::act {
namespace {

using store::Statement;

// Between the tries of one that cannot be heeded.
constexpr Duration kFirstRest = std::chrono::seconds(10);
constexpr Duration kLongestRest = std::chrono::hours(1);
constexpr std::int64_t kMostAgain = 100;

struct Marks {
  std::optional<std::int64_t> since;  // when this was first done on the database
  std::int64_t row = 0;               // the last post looked at
  bool is_anew = false;               // posts were numbered anew since the last look
  std::int64_t generation = 0;        // of the tables: another one may have numbered posts anew
};

// A replay takes the second mark away: posts are numbered anew then, and all of them are looked at again.
Result<Marks> read_marks(store::Connection& connection) {
  Marks marks;
  LINNET_TRY(marks.since, store::query_integer(
                              connection, "SELECT value FROM govern_marks WHERE name = 'mentions_since'"));
  LINNET_TRY(
      const auto row,
      store::query_integer(connection, "SELECT position FROM projection_marks WHERE name = 'mentions'"));
  LINNET_TRY(
      const auto generation,
      store::query_integer(connection, "SELECT position FROM projection_marks WHERE name = 'generation'"));
  marks.generation = generation.value_or(0);
  marks.row = row.value_or(0);
  marks.is_anew = marks.since && !row;
  return marks;
}

Status set_row(store::Connection& connection, std::int64_t row) {
  return store::run(connection,
                    R"(INSERT INTO projection_marks (name, position) VALUES ('mentions', $1)
                       ON CONFLICT (name) DO UPDATE SET position = excluded.position)",
                    {row});
}

// What was said until now is the past: nobody was listening.
Status begin(store::Writer& writer, std::int64_t newest, Instant now) {
  return writer.write([&](store::Connection& connection) -> Status {
    LINNET_CHECK(store::run(
        connection,
        "INSERT INTO govern_marks (name, value) VALUES ('mentions_since', $1) ON CONFLICT (name) DO NOTHING",
        {to_micros(now)}));
    return set_row(connection, newest);
  });
}

struct Place {
  std::string platform;
  std::string host;
};
using Places = std::map<std::int64_t, Place>;  // by instance

Result<Places> read_places(store::Connection& connection) {
  Places places;
  LINNET_CHECK(store::for_each_row(
      connection, "SELECT id, platform, base_url FROM instances", {}, [&](const Statement& row) {
        places[row.integer(0)] = {std::string(row.text(1)), govern::host_of(row.text(2))};
      }));
  return places;
}

struct OwnAccount {
  std::int64_t instance = 0;
  std::string id;
  std::string address;
  std::string platform;
  std::int64_t added_at = 0;
};

class OwnAccounts {
 public:
  static Result<OwnAccounts> read(store::Connection& connection, const Places& places) {
    OwnAccounts own(places);
    LINNET_CHECK(store::for_each_row(
        connection, "SELECT instance_id, platform_user_id, username, platform, created_at FROM accounts", {},
        [&](const Statement& row) {
          const auto instance = row.integer(0);
          own.all_.push_back({instance, std::string(row.text(1)), own.address(instance, row.text(2)),
                              std::string(row.text(3)), row.integer(4)});
        }));
    return own;
  }

  [[nodiscard]] bool empty() const { return all_.empty(); }

  // By the id where it counts; by the address where another server showed it. A handle on Bluesky may be
  // anybody's.
  [[nodiscard]] const OwnAccount* find(std::int64_t instance, std::string_view id,
                                       std::string_view acct) const {
    const auto place = places_.find(instance);
    if (place == places_.end()) return nullptr;
    const auto& platform = place->second.platform;
    const bool is_global = govern::has_global_ids(platform);
    const auto known_as = is_global ? std::string() : address(instance, acct);
    const auto at = std::find_if(all_.begin(), all_.end(), [&](const OwnAccount& account) {
      if (account.platform != platform) return false;
      if (account.id == id && (is_global || account.instance == instance)) return true;
      return !known_as.empty() && account.address == known_as;
    });
    return at == all_.end() ? nullptr : &*at;
  }

 private:
  explicit OwnAccounts(const Places& places) : places_(places) {}

  [[nodiscard]] std::string address(std::int64_t instance, std::string_view acct) const {
    const auto place = places_.find(instance);
    if (place == places_.end()) return {};
    return govern::person_key(place->second.platform, place->second.host, "", acct).address;
  }

  const Places& places_;
  std::vector<OwnAccount> all_;
};

struct Mention {
  std::int64_t row = 0;
  std::int64_t account_added_at = 0;
};

Result<std::vector<Mention>> mentions_of(store::Connection& connection, const OwnAccounts& own,
                                         std::int64_t after, std::int64_t up_to) {
  std::vector<Mention> mentions;
  LINNET_CHECK(store::for_each_row(connection,
                                   R"(SELECT p.row_number, m.instance_id, m.account_id, m.acct
                                      FROM posts p
                                      JOIN post_mentions m ON m.instance_id = p.instance_id
                                        AND m.post_id = p.id
                                      WHERE p.row_number > $1 AND p.row_number <= $2
                                      ORDER BY p.row_number)",
                                   {after, up_to}, [&](const Statement& row) {
                                     const auto* const account =
                                         own.find(row.integer(1), row.text(2), row.text(3));
                                     if (account == nullptr) return;
                                     if (mentions.empty() || mentions.back().row != row.integer(0)) {
                                       mentions.push_back({row.integer(0), account->added_at});
                                     } else {
                                       mentions.back().account_added_at =
                                           std::min(mentions.back().account_added_at, account->added_at);
                                     }
                                   }));
  return mentions;
}

struct Said {
  std::int64_t instance = 0;
  std::string author;
  std::string acct;
  std::string uri;  // the same on every server that shows the post; empty where none says it
  std::string id;
  std::string text;
};

Result<std::optional<Said>> what_was_said(store::Connection& connection, std::int64_t row_number,
                                          std::int64_t since) {
  std::optional<Said> said;
  LINNET_CHECK(store::for_each_row(
      connection,
      R"(SELECT p.instance_id, p.account_id, u.acct, COALESCE(p.uri, ''), p.id, p.content_text
         FROM posts p
         LEFT JOIN platform_users u ON u.instance_id = p.instance_id AND u.id = p.account_id
         WHERE p.row_number = $1 AND p.created_at >= $2 AND p.deleted_at IS NULL AND p.version_seq > 0
           AND p.content_text IS NOT NULL)",
      {row_number, since}, [&](const Statement& row) {
        said = Said{row.integer(0),           std::string(row.text(1)), std::string(row.text(2)),
                    std::string(row.text(3)), std::string(row.text(4)), std::string(row.text(5))};
      }));
  return said;
}

// What a post that mentions an own account asks for, and for how many times that could not be heeded.
struct Asking {
  std::int64_t row = 0;
  std::int64_t tries = 0;
  std::optional<std::pair<Said, Place>> words;  // nullopt: nothing, or nothing any more
};

class Reading {
 public:
  static Result<Reading> begin(store::Connection& connection, const Marks& marks, Instant now) {
    Reading reading(connection, marks, now);
    LINNET_TRY(*reading.places_, read_places(connection));
    LINNET_TRY(auto own, OwnAccounts::read(connection, *reading.places_));
    reading.own_.emplace(std::move(own));
    return reading;
  }

  [[nodiscard]] bool is_idle() const { return own_->empty(); }

  // Of the posts from `after` on, up to `up_to`, those that ask.
  Status add_new(std::int64_t after, std::int64_t up_to) {
    if (is_idle()) return {};
    LINNET_TRY(const auto mentions, mentions_of(connection_, *own_, after, up_to));
    for (const auto& mention : mentions) {
      LINNET_TRY(auto words, words_of(mention));
      if (words) asking_.push_back({mention.row, 0, std::move(words)});
    }
    return {};
  }

  Status add_waiting() {
    std::vector<Asking> waiting;
    LINNET_CHECK(store::for_each_row(
        connection_,
        "SELECT row_number, tries FROM waiting_opt_outs WHERE try_at <= $1 ORDER BY try_at LIMIT $2",
        {to_micros(now_), kMostAgain}, [&](const Statement& row) {
          waiting.push_back({row.integer(0), row.integer(1), std::nullopt});
        }));
    for (auto& one : waiting) {
      LINNET_TRY(const auto mentions, mentions_of(connection_, *own_, one.row - 1, one.row));
      if (!mentions.empty()) {
        LINNET_TRY(one.words, words_of(mentions.front()));
      }
      asking_.push_back(std::move(one));
    }
    return {};
  }

  std::vector<Asking> take() { return std::move(asking_); }

 private:
  Reading(store::Connection& connection, const Marks& marks, Instant now)
      : connection_(connection), marks_(marks), now_(now) {}

  Result<std::optional<std::pair<Said, Place>>> words_of(const Mention& mention) {
    // A clock that was ahead at the time must not keep later words from being heeded.
    const auto since =
        std::min(std::max(marks_.since.value_or(0), mention.account_added_at), to_micros(now_));
    LINNET_TRY(auto said, what_was_said(connection_, mention.row, since));
    using Words = std::optional<std::pair<Said, Place>>;
    if (!said || own_->find(said->instance, said->author, said->acct) != nullptr) return Words();
    if (!govern::message_opts_out(said->text)) return Words();
    const auto place = places_->at(said->instance);
    return Words(std::pair(std::move(*said), place));
  }

  store::Connection& connection_;
  Marks marks_;
  Instant now_;
  std::unique_ptr<Places> places_ = std::make_unique<Places>();  // `own_` refers to it
  std::optional<OwnAccounts> own_;
  std::vector<Asking> asking_;
};

Status put_off(store::Connection& connection, const Asking& asking, const Error& why, Instant now) {
  const auto rest =
      std::min(kLongestRest, kFirstRest * (std::int64_t{1} << std::min<std::int64_t>(asking.tries, 20)));
  return store::run(connection,
                    R"(INSERT INTO waiting_opt_outs (row_number, tries, error, try_at)
                       VALUES ($1, $2, $3, $4)
                       ON CONFLICT (row_number) DO UPDATE SET tries = excluded.tries,
                         error = excluded.error, try_at = excluded.try_at)",
                    {asking.row, asking.tries + 1, std::string_view(why.safe), to_micros(now + rest)});
}

Status settle(store::Connection& connection, const Asking& asking) {
  if (asking.tries == 0) return {};
  return store::run(connection, "DELETE FROM waiting_opt_outs WHERE row_number = $1", {asking.row});
}

// Posts are looked at again, all of them, and their numbers are other posts' now.
Status forget_waiting(store::Writer& writer) {
  return writer.write([](store::Connection& connection) -> Status {
    LINNET_TRY(const auto marks, read_marks(connection));
    if (!marks.is_anew) return {};
    LINNET_CHECK(store::run(connection, "DELETE FROM waiting_opt_outs"));
    return set_row(connection, 0);
  });
}

}  // namespace

Result<bool> follow_mentions(store::Database& database, store::Writer& writer, Clock& clock,
                             const OnOptOut& on_opt_out, std::int64_t most) {
  std::vector<Asking> asking;
  std::int64_t up_to = 0;
  Marks marks;
  {
    LINNET_TRY(auto reader, database.reader());
    LINNET_TRY(marks, read_marks(*reader));
    LINNET_TRY(const auto last, store::query_integer(*reader, "SELECT max(row_number) FROM posts"));
    const auto newest = last.value_or(0);
    if (!marks.since) {
      LINNET_CHECK(begin(writer, newest, clock.now()));
      return false;
    }
    if (marks.is_anew) LINNET_CHECK(forget_waiting(writer));
    LINNET_TRY(auto reading, Reading::begin(*reader, marks, clock.now()));
    if (!marks.is_anew) LINNET_CHECK(reading.add_waiting());
    up_to = reading.is_idle() ? newest : std::min(newest, marks.row + most);
    LINNET_CHECK(reading.add_new(marks.row, up_to));
    asking = reading.take();
  }
  const bool is_idle = up_to <= marks.row && asking.empty();
  if (is_idle) return false;
  std::vector<std::optional<Error>> failures;
  for (const auto& [row, tries, words] : asking) {
    failures.emplace_back();
    if (!words) continue;
    const auto& [said, place] = *words;
    const auto person = govern::person_key(place.platform, place.host, said.author, said.acct);
    const auto item = said.uri.empty() ? heeded_elsewhere(place.platform, place.host, said.id)
                                       : heeded_elsewhere(place.platform, "", said.uri);
    const auto done = heed_once(database, writer, clock, item, [&] { return on_opt_out(person); });
    if (done) continue;
    // What can be nobody's id stays so however often it is tried.
    const bool is_lasting = done.error().kind == ErrorKind::invalid;
    if (!is_lasting) failures.back() = done.error();
    log::warn("mentions: {}{}", done.error().message, is_lasting ? "" : "; it is tried again");
  }
  LINNET_CHECK(writer.write([&](store::Connection& connection) -> Status {
    // The numbers of posts may be others' by now: all of this is looked at again, and each is heeded once.
    LINNET_TRY(const auto now, read_marks(connection));
    if (now.generation != marks.generation) return {};
    for (std::size_t i = 0; i < asking.size(); ++i)
      LINNET_CHECK(failures[i] ? put_off(connection, asking[i], *failures[i], clock.now())
                               : settle(connection, asking[i]));
    // Not where another process has looked meanwhile.
    return up_to > marks.row && now.row == marks.row ? set_row(connection, up_to) : Status();
  }));
  return true;
}

}  // namespace linnet::act
