#include "observe/person_erasure.hpp"

#include <fmt/format.h>

#include <set>
#include <unordered_set>

#include "base/json_names.hpp"
#include "connect/person_eraser.hpp"
#include "observe/erasure_leftovers.hpp"
#include "observe/event_log.hpp"
#include "observe/every_projection.hpp"
#include "observe/own_facts.hpp"
#include "observe/post_removal.hpp"
#include "observe/projector.hpp"
#include "observe/rewrite_log.hpp"
#include "observe/salience/erase_topics.hpp"
#include "observe/salience/remake.hpp"

namespace linnet::observe {
namespace {

using PostIds = std::unordered_set<std::string>;

Result<PostIds> posts_of(store::Connection& connection, const PersonAccount& account) {
  PostIds ids;
  LINNET_CHECK(store::for_each_row(connection,
                                   "SELECT id FROM posts WHERE instance_id = $1 AND account_id = $2",
                                   {account.instance.value(), std::string_view(account.id)},
                                   [&](const store::Statement& row) { ids.emplace(row.text(0)); }));
  LINNET_CHECK(store::for_each_row(connection,
                                   "SELECT id FROM messages WHERE author_id = $2 AND instance_id = $1",
                                   {account.instance.value(), std::string_view(account.id)},
                                   [&](const store::Statement& row) { ids.emplace(row.text(0)); }));
  return ids;
}

// Takes one account out of the lines of its instance.
class LineEraser {
 public:
  LineEraser(const PersonAccount& account, PostIds posts, TopicsOfPerson topics)
      : instance_(account.instance),
        account_(account.id),
        eraser_(account.id),
        posts_(std::move(posts)),
        topics_(std::move(topics)) {}

  std::optional<RewrittenEvent> erase(const LoggedEvent& event) {
    using Change = connect::ErasedLine::Change;
    if (is_own(event.instance)) return erase_from_fact(event);
    if (event.instance != instance_) return std::nullopt;
    if (event.type == "delete") return erase_deletion(event);
    auto erased = eraser_.erase(event.line, event.received_at);
    if (erased.change == Change::none) return erase_about_messages(event);
    remember_posts(event, erased.change == Change::blanked);
    const bool is_blank = erased.change == Change::blanked;
    return RewrittenEvent{std::move(erased.line), is_blank ? "erased" : std::string(event.type),
                          std::move(erased.status_id)};
  }

 private:
  std::optional<RewrittenEvent> erase_deletion(const LoggedEvent& event) {
    Arena arena;
    const auto read = reader_.read(event.instance, event.line, event.received_at, arena);
    if (!posts_.contains(std::string(read.status_id))) return std::nullopt;
    return RewrittenEvent{connect::blank_line(event.received_at), "erased", ""};
  }

  std::optional<RewrittenEvent> erase_about_messages(const LoggedEvent& event) {
    if (!topics_.is_of_servers || posts_.empty()) return std::nullopt;
    Arena arena;
    const auto read = reader_.read(event.instance, event.line, event.received_at, arena);
    if (!is_about_their_messages(read)) return std::nullopt;
    return RewrittenEvent{connect::blank_line(event.received_at), "erased", ""};
  }

  // What Linnet says of posts it took away names them alone.
  std::optional<RewrittenEvent> erase_from_fact(const LoggedEvent& event) {
    Arena arena;
    const auto read = reader_.read(event.instance, event.line, event.received_at, arena);
    if (read.kind != model::EventKind::fact) return std::nullopt;
    if (salience::is_fact(read.type)) return erase_from_salience(event, read);
    auto fact = read_posts_removed(read.fact);
    if (!fact || fact->instance != instance_) return std::nullopt;
    const auto theirs = "at://" + account_ + "/";  // of the AT Protocol: ids that say whose they are
    const auto gone = std::erase_if(fact->posts, [&](const std::string& post) {
      return posts_.contains(post) || post.starts_with(theirs);
    });
    if (gone == 0) return std::nullopt;
    return RewrittenEvent{line_of(*fact, event.received_at), std::string(event.type), ""};
  }

  // What Linnet says of topics that name them.
  [[nodiscard]] std::optional<RewrittenEvent> erase_from_salience(const LoggedEvent& event,
                                                                  const model::Event& read) const {
    const auto fact = salience::read_fact(read.type, read.fact);
    if (!fact) return std::nullopt;
    const auto left = salience::without_topics(
        *fact,
        [](const salience::TopicKey& key, const void* whose) {
          return static_cast<const TopicsOfPerson*>(whose)->names(key);
        },
        &topics_);
    if (!left) return std::nullopt;
    if (!*left) return RewrittenEvent{connect::blank_line(event.received_at), "erased", ""};
    return RewrittenEvent{salience::line_of(**left, event.received_at), std::string(event.type), ""};
  }

  // What is said of their messages alone: that they are gone, and who reacted to them.
  [[nodiscard]] bool is_about_their_messages(const model::Event& read) const {
    if (read.kind != model::EventKind::chat || read.chat.empty()) return false;
    return std::all_of(read.chat.begin(), read.chat.end(), [&](const model::ChatSighting& one) {
      if (const auto* const gone = std::get_if<model::MessagesGone>(&one))
        return std::all_of(gone->ids.begin(), gone->ids.end(),
                           [&](std::string_view id) { return posts_.contains(std::string(id)); });
      const auto* const reaction = std::get_if<model::ReactionSighting>(&one);
      return reaction != nullptr && posts_.contains(std::string(reaction->message_id));
    });
  }

  // What names their posts alone, such as deletions, comes later in the log.
  void remember_posts(const LoggedEvent& event, bool is_theirs) {
    Arena arena;
    const auto read = reader_.read(event.instance, event.line, event.received_at, arena);
    if (is_theirs && !read.status_id.empty()) posts_.emplace(read.status_id);
    for (const auto& post : read.posts) {
      if (post.author.id == account_) posts_.emplace(post.id);
    }
    for (const auto& one : read.chat) {
      const auto* const message = std::get_if<model::MessageSighting>(&one);
      if (message != nullptr && message->author.id == account_) posts_.emplace(message->id);
    }
  }

  InstanceId instance_;
  std::string account_;
  connect::PersonEraser eraser_;
  LineReader reader_;
  PostIds posts_;  // and messages
  TopicsOfPerson topics_;
};

// Takes every account of the person out of the log, from an event on.
class LogEraser {
 public:
  static Result<LogEraser> open(store::Database& database, const Person& person) {
    LogEraser eraser;
    LINNET_TRY(auto reader, database.reader());
    for (const auto& account : person.accounts) {
      LINNET_TRY(auto posts, posts_of(*reader, account));
      LINNET_TRY(auto topics, topics_of_person(*reader, account));
      eraser.erasers_.push_back(std::make_unique<LineEraser>(account, std::move(posts), std::move(topics)));
    }
    LINNET_TRY(eraser.log_, database.connect(store::Part::log));
    return eraser;
  }

  // Where the next pass has to begin.
  Result<EventId> end() {
    LINNET_TRY(const auto last, last_logged(*log_));
    return EventId(last.value() + 1);
  }

  Result<std::int64_t> erase(EventId from) {
    return rewrite_events(*log_, from,
                          [&](const LoggedEvent& event) -> Result<std::optional<RewrittenEvent>> {
                            // Where the person has two accounts on one instance, the second sees what the
                            // first left.
                            std::optional<RewrittenEvent> left;
                            for (auto& eraser : erasers_) {
                              LoggedEvent now = event;
                              if (left) now.line = left->line, now.type = left->type;
                              if (auto again = eraser->erase(now)) left = std::move(again);
                            }
                            return left;
                          });
  }

 private:
  std::vector<std::unique_ptr<LineEraser>> erasers_;
  std::unique_ptr<store::Connection> log_;
};

Status count_everywhere(store::Connection& connection, const PersonAccount& account, ObservedErasure& found) {
  for (const auto* const projection : every_projection())
    LINNET_CHECK(projection->count_account(connection, account, found));
  return {};
}

}  // namespace

Result<ObservedErasure> count_observed(store::Connection& connection, const Person& person) {
  ObservedErasure found;
  for (const auto& account : person.accounts) LINNET_CHECK(count_everywhere(connection, account, found));
  return found;
}

namespace {

constexpr std::int64_t kAtOnce = 300;  // posts

// What is made of another projection is forgotten before it.
std::vector<const Projection*> last_first() {
  const auto all = every_projection();
  return {all.rbegin(), all.rend()};
}

// What is left to be done for posts that go in this transaction, and what others remembered of them.
Status settle(store::Connection& connection, const ErasedPosts& gone) {
  LINNET_CHECK(leave_to_followers(connection, gone));
  LINNET_CHECK(leave_hours(connection, {gone.hours.begin(), gone.hours.end()}));
  return begin_generation(connection);
}

// In transactions of its own, so that others get in between.
Status take_step(store::Writer& writer, const PersonAccount& account, ForgetSome step) {
  for (std::int64_t changed = 1; changed > 0;) {
    LINNET_CHECK(writer.write([&](store::Connection& connection) -> Status {
      LINNET_TRY(const auto tables, lock_tables(connection));
      (void)tables;
      ErasedPosts gone;
      LINNET_TRY(changed, step(connection, account, kAtOnce, gone));
      return gone.rows.empty() ? Status() : settle(connection, gone);
    }));
    let_others_in();
  }
  return {};
}

// Most of what there is goes in short transactions, one after the other; `erased` is told of it.
Status erase_most(store::Writer& writer, const Person& person, ObservedErasure& erased) {
  LINNET_CHECK(writer.write([&](store::Connection& connection) -> Status {
    LINNET_TRY(const auto tables, lock_tables(connection));
    (void)tables;
    erased = {};
    for (const auto& account : person.accounts) LINNET_CHECK(count_everywhere(connection, account, erased));
    // What was read from the log before it was changed is applied no more.
    return begin_generation(connection);
  }));
  for (const auto* const projection : last_first()) {
    for (const auto& account : person.accounts) {
      for (const auto step : projection->forget_steps) LINNET_CHECK(take_step(writer, account, step));
    }
  }
  return {};
}

Status forget_everywhere(store::Connection& connection, const PersonAccount& account, ErasedPosts& gone) {
  constexpr std::int64_t kMany = 10'000;
  for (const auto* const projection : last_first()) {
    for (const auto step : projection->forget_steps) {
      for (std::int64_t changed = 1; changed > 0;) {
        LINNET_TRY(changed, step(connection, account, kMany, gone));
      }
    }
    LINNET_CHECK(projection->forget_account(connection, account));
  }
  return {};
}

void add(ObservedErasure& erased, const ObservedErasure& late) {
  erased.posts += late.posts;
  erased.versions += late.versions;
  erased.boosts += late.boosts;
  erased.replies += late.replies;
  erased.mentions += late.mentions;
}

}  // namespace

Result<ObservedErasure> erase_observed(store::Database& database, store::Writer& writer, const Person& person,
                                       const store::Writer::Work& beside) {
  LINNET_TRY(auto log, LogEraser::open(database, person));
  LINNET_TRY(const auto seen, log.end());
  LINNET_TRY(const auto events, log.erase(EventId(1)));
  ObservedErasure erased;
  LINNET_CHECK(erase_most(writer, person, erased));
  LINNET_TRY(const auto nearly, log.end());
  LINNET_TRY(const auto later, log.erase(seen));
  erased.events = events + later;
  ObservedErasure late;
  LINNET_CHECK(writer.write([&](store::Connection& connection) -> Status {
    late = {};
    ErasedPosts gone;
    LINNET_TRY(const auto tables, lock_tables(connection));
    (void)tables;
    // What came in since the last pass and may stand in the tables already. Nothing is applied while the
    // tables are locked; what is applied afterwards is read from the log again, for the generation is a new
    // one.
    LINNET_TRY(late.events, log.erase(nearly));
    for (const auto& account : person.accounts) {
      LINNET_CHECK(count_everywhere(connection, account, late));
      LINNET_CHECK(forget_everywhere(connection, account, gone));
    }
    if (beside) LINNET_CHECK(beside(connection));
    return settle(connection, gone);
  }));
  add(erased, late);
  erased.events += late.events;
  LINNET_CHECK(finish_search(database, writer));
  LINNET_CHECK(salience::remake_ledger_if_whole(database, writer));
  for (const auto part : {store::Part::log, store::Part::tables, store::Part::search})
    LINNET_CHECK(database.checkpoint(part));
  return erased;
}

}  // namespace linnet::observe
