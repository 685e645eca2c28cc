#include "act/mention_opt_outs.hpp"

#include <algorithm>
#include <map>

#include "act/heeded_opt_outs.hpp"
#include "base/log.hpp"
#include "govern/blocklist_forms.hpp"
#include "govern/opt_out_signs.hpp"

namespace linnet::act {
namespace {

using store::Statement;

struct Marks {
  std::optional<std::int64_t> since;  // when this was first done on the database
  std::int64_t row = 0;               // the last post looked at
};

// A replay takes the second mark away: posts are numbered anew then, and all of them are looked at again.
Result<Marks> read_marks(store::Connection& connection) {
  Marks marks;
  LINNET_TRY(marks.since, store::query_integer(
                              connection, "SELECT value FROM govern_marks WHERE name = 'mentions_since'"));
  LINNET_TRY(
      const auto row,
      store::query_integer(connection, "SELECT position FROM projection_marks WHERE name = 'mentions'"));
  marks.row = row.value_or(0);
  return marks;
}

Status set_row(store::Connection& connection, std::int64_t row) {
  return store::run(
      connection,
      "INSERT INTO projection_marks (name, position) VALUES ('mentions', $1) ON CONFLICT (name) DO "
      "UPDATE SET position = excluded.position",
      {row});
}

// Not where the posts were numbered anew in between.
Status advance(store::Connection& connection, std::int64_t from, std::int64_t to) {
  LINNET_TRY(const auto marks, read_marks(connection));
  return marks.row == from ? set_row(connection, to) : Status();
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
  LINNET_CHECK(store::for_each_row(
      connection,
      "SELECT p.row_number, m.instance_id, m.account_id, m.acct FROM posts p JOIN post_mentions m ON "
      "m.instance_id = p.instance_id AND m.post_id = p.id WHERE p.row_number > $1 AND p.row_number <= $2 "
      "ORDER BY p.row_number",
      {after, up_to}, [&](const Statement& row) {
        const auto* const account = own.find(row.integer(1), row.text(2), row.text(3));
        if (account == nullptr) return;
        if (mentions.empty() || mentions.back().row != row.integer(0)) {
          mentions.push_back({row.integer(0), account->added_at});
        } else {
          mentions.back().account_added_at = std::min(mentions.back().account_added_at, account->added_at);
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
      "SELECT p.instance_id, p.account_id, u.acct, COALESCE(p.uri, ''), p.id, p.content_text FROM posts p "
      "LEFT "
      "JOIN platform_users u ON u.instance_id = p.instance_id AND u.id = p.account_id WHERE p.row_number = "
      "$1 "
      "AND p.created_at >= $2 AND p.deleted_at IS NULL AND p.version_seq > 0 AND p.content_text IS NOT NULL",
      {row_number, since}, [&](const Statement& row) {
        said = Said{row.integer(0),           std::string(row.text(1)), std::string(row.text(2)),
                    std::string(row.text(3)), std::string(row.text(4)), std::string(row.text(5))};
      }));
  return said;
}

}  // namespace

Result<bool> follow_mentions(store::Database& database, store::Writer& writer, Clock& clock,
                             const OnOptOut& on_opt_out, std::int64_t most) {
  std::vector<std::pair<Said, Place>> words;
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
    if (newest <= marks.row) return false;
    LINNET_TRY(const auto places, read_places(*reader));
    LINNET_TRY(const auto own, OwnAccounts::read(*reader, places));
    up_to = own.empty() ? newest : std::min(newest, marks.row + most);
    LINNET_TRY(const auto mentions, own.empty() ? Result<std::vector<Mention>>(std::vector<Mention>())
                                                : mentions_of(*reader, own, marks.row, up_to));
    for (const auto& mention : mentions) {
      LINNET_TRY(auto said,
                 what_was_said(*reader, mention.row, std::max(*marks.since, mention.account_added_at)));
      if (!said || own.find(said->instance, said->author, said->acct) != nullptr) continue;
      if (govern::message_opts_out(said->text)) words.emplace_back(*said, places.at(said->instance));
    }
  }
  for (const auto& [said, place] : words) {
    const auto person = govern::person_key(place.platform, place.host, said.author, said.acct);
    const auto item = said.uri.empty() ? heeded_elsewhere(place.platform, place.host, said.id)
                                       : heeded_elsewhere(place.platform, "", said.uri);
    const auto done = heed_once(database, writer, clock, item, [&] { return on_opt_out(person); });
    // What can be nobody's id stays so however often it is tried.
    if (!done && done.error().kind == ErrorKind::invalid) log::warn("mentions: {}", done.error().message);
    if (!done && done.error().kind != ErrorKind::invalid) return done.error();
  }
  LINNET_CHECK(
      writer.write([&](store::Connection& connection) { return advance(connection, marks.row, up_to); }));
  return true;
}

}  // namespace linnet::act
