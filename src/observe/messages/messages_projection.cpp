#include "observe/messages/messages_projection.hpp"

#include "observe/known_accounts.hpp"
#include "observe/messages/chat_places.hpp"
#include "observe/messages/erase_messages.hpp"
#include "observe/messages/message_batch.hpp"
#include "observe/messages/message_tables.hpp"

namespace linnet::observe {
namespace {

using model::Event;
using model::ReactionSighting;

class MessagesApplier final : public Applier {
 public:
  explicit MessagesApplier(const ProjectorOptions& options) : options_(options) {}

  Status apply(store::Connection& connection, std::span<const Event> events, ProjectedBatch& result) override;
  void forget() override {
    greatest_.clear();
    accounts_.forget();
    places_.forget();
  }

 private:
  struct Context {
    store::Connection& connection;
    const Event& event;
    MessageBatch& batch;
    ProjectedBatch& result;
  };

  Result<Outcome> apply_one(const Context& context, const model::ServerSighting& server);
  Result<Outcome> apply_one(const Context& context, const model::RoleSighting& role);
  Result<Outcome> apply_one(const Context& context, const model::ChannelSighting& channel);
  Result<Outcome> apply_one(const Context& context, const model::MemberSighting& member);
  Result<Outcome> apply_one(const Context& context, const model::MessageSighting& message);
  Result<Outcome> apply_one(const Context& context, const model::MessagesGone& gone);
  Result<Outcome> apply_one(const Context& context, const ReactionSighting& reaction);

  Status note_new(const Context& context, const model::MessageSighting& message);
  static std::string author_answered(const Context& context, const model::MessageSighting& message);
  void remember_greatest(const Event& event, std::string_view id);

  ProjectorOptions options_;
  MessageBatch::Greatest greatest_;
  KnownAccounts accounts_;
  ChatPlaces places_;
};

void count_chat_outcome(BatchFigures& figures, bool applied, bool stale) {
  ++(applied ? figures.applied : stale ? figures.stale : figures.unchanged);
}

Status MessagesApplier::apply(store::Connection& connection, std::span<const Event> events,
                              ProjectedBatch& result) {
  MessageBatch batch;
  LINNET_CHECK(batch.load(connection, events, greatest_));
  for (const auto& event : events) {
    if (event.kind != model::EventKind::chat || !event.error.empty()) continue;
    bool applied = false;
    bool stale = false;
    for (const auto& one : event.chat) {
      LINNET_TRY(const auto outcome, std::visit(
                                         [&](const auto& sighting) {
                                           return apply_one({connection, event, batch, result}, sighting);
                                         },
                                         one));
      applied = applied || outcome == Outcome::applied;
      stale = stale || outcome == Outcome::stale;
    }
    count_chat_outcome(figures_for(options_, event.id, result), applied, stale);
  }
  LINNET_CHECK(batch.write(connection, options_.redact_on_delete));
  return accounts_.write(connection);
}

Result<Outcome> MessagesApplier::apply_one(const Context& context, const model::ServerSighting& server) {
  LINNET_CHECK(places_.saw(context.connection, context.event.instance, server, context.event.received_at));
  return Outcome::applied;
}

Result<Outcome> MessagesApplier::apply_one(const Context& context, const model::RoleSighting& role) {
  LINNET_CHECK(places_.saw(context.connection, context.event.instance, role));
  return Outcome::applied;
}

Result<Outcome> MessagesApplier::apply_one(const Context& context, const model::ChannelSighting& channel) {
  const auto& event = context.event;
  LINNET_TRY(const bool is_first,
             places_.saw(context.connection, event.instance, channel, event.received_at));
  if (is_first && channel.is_new && channel.is_thread())
    context.result.happenings.push_back(
        {event.id, event.received_at, event.instance, salience::NewThread{&channel}});
  return Outcome::applied;
}

Result<Outcome> MessagesApplier::apply_one(const Context& context, const model::MemberSighting& member) {
  accounts_.saw(context.event.instance, member.user, context.event.received_at);
  LINNET_CHECK(places_.saw(context.connection, context.event.instance, member));
  return Outcome::applied;
}

// The author of what is answered: a person, as far as is known.
std::string MessagesApplier::author_answered(const Context& context, const model::MessageSighting& message) {
  if (message.reply_to_id) {
    const auto& answered = context.batch.message(context.event.instance, *message.reply_to_id);
    if (answered.is_known) return std::string(answered.by_person ? answered.author_id : std::string_view());
  }
  for (const auto& mentioned : message.mentions)
    if (mentioned.is_bot && message.reply_to_author_id == mentioned.id) return {};
  return std::string(message.reply_to_author_id.value_or(""));
}

Status MessagesApplier::note_new(const Context& context, const model::MessageSighting& message) {
  const auto& event = context.event;
  LINNET_TRY(const auto place, places_.place_of(context.connection, event.instance, message.channel_id));
  salience::NewMessage found{&message, place.is_thread ? place.parent : std::string(message.channel_id),
                             place.is_thread, author_answered(context, message)};
  context.result.happenings.push_back({event.id, event.received_at, event.instance, std::move(found)});
  return {};
}

void MessagesApplier::remember_greatest(const Event& event, std::string_view id) {
  auto& greatest = greatest_[event.instance];
  if (id > greatest) greatest = id;
}

Result<Outcome> MessagesApplier::apply_one(const Context& context, const model::MessageSighting& message) {
  const auto& event = context.event;
  auto& state = context.batch.message(event.instance, message.id);
  const bool is_new = !state.is_known;
  // An edit that tells no author is nothing to begin with.
  if (is_new && message.author.id.empty()) return Outcome::unchanged;
  const auto outcome =
      apply_message(state, message, event.received_at, options_.redact_on_delete, context.batch.arena());
  if (!message.author.id.empty() && !message.is_webhook)
    accounts_.saw(event.instance, message.author, event.received_at);
  for (const auto& mentioned : message.mentions) accounts_.saw(event.instance, mentioned, event.received_at);
  if (message.member) LINNET_CHECK(places_.saw(context.connection, event.instance, *message.member));
  if (!is_new) return outcome;
  remember_greatest(event, message.id);
  if (!message.is_edit && !message.is_of_system) LINNET_CHECK(note_new(context, message));
  return outcome;
}

Result<Outcome> MessagesApplier::apply_one(const Context& context, const model::MessagesGone& gone) {
  auto outcome = Outcome::unchanged;
  for (const auto id : gone.ids) {
    auto& state = context.batch.message(context.event.instance, id);
    if (apply_message_gone(state, context.event.received_at, options_.redact_on_delete) == Outcome::applied)
      outcome = Outcome::applied;
  }
  return outcome;
}

void set_counts(MessageState& message, const std::string& counts, Arena& arena) {
  if (!message.is_known || counts == message.reactions_json) return;
  message.reactions_json = arena.copy(counts);
  message.is_changed = true;
}

Outcome apply_reaction(ReactionState& state, MessageState& message, const ReactionSighting& seen, Instant at,
                       Arena& arena) {
  const bool is_added = seen.change == ReactionSighting::Change::added;
  const auto emoji = shown_emoji(seen.emoji);
  if (is_added == state.is_there() && state.was_ever_there()) return Outcome::unchanged;
  if (state.shown.empty()) state.shown = emoji;
  set_counts(message, count_reaction(message.reactions_json, emoji, is_added ? 1 : -1), arena);
  if (is_added) {
    if (!state.added_at) state.added_at = at;
    state.removed_at.reset();
  } else {
    state.removed_at = at;
  }
  state.is_changed = true;
  return Outcome::applied;
}

Result<Outcome> MessagesApplier::apply_one(const Context& context, const ReactionSighting& reaction) {
  using Change = ReactionSighting::Change;
  const auto& event = context.event;
  auto& batch = context.batch;
  auto& message = batch.message(event.instance, reaction.message_id);
  if (reaction.member) {
    accounts_.saw(event.instance, reaction.member->user, event.received_at);
    LINNET_CHECK(places_.saw(context.connection, event.instance, *reaction.member));
  }
  if (reaction.change == Change::cleared || reaction.change == Change::emoji_cleared) {
    const bool is_all = reaction.change == Change::cleared;
    batch.clear_reactions(event.instance, reaction.message_id,
                          is_all ? std::string_view() : emoji_key(reaction.emoji), event.received_at);
    set_counts(message,
               is_all ? std::string() : without_reaction(message.reactions_json, shown_emoji(reaction.emoji)),
               batch.arena());
    return Outcome::applied;
  }
  auto& state =
      batch.reaction(event.instance, reaction.message_id, reaction.user_id, emoji_key(reaction.emoji));
  const bool is_first = !state.was_ever_there();
  const auto outcome = apply_reaction(state, message, reaction, event.received_at, batch.arena());
  if (is_first && reaction.change == Change::added) {
    std::string author(message.is_known ? (message.by_person ? message.author_id : std::string_view())
                                        : reaction.message_author_id.value_or(""));
    context.result.happenings.push_back(
        {event.id, event.received_at, event.instance, salience::NewReaction{&reaction, std::move(author)}});
  }
  return outcome;
}

const std::vector<const KeptSum*>& sums_of_messages() {
  static const std::vector<const KeptSum*> none;
  return none;
}

constexpr Comparison kMessageChecks[] = {
    {"a message's versions count from 1 without gaps",
     R"(SELECT count(*) FROM messages m WHERE m.version_seq - 1 <> (SELECT count(*)
          FROM message_past_versions v WHERE v.instance_id = m.instance_id AND v.message_id = m.id
          AND v.version_seq < m.version_seq))"},
};

}  // namespace

const Projection& messages_projection() {
  static const Projection messages{
      .name = "messages",
      .begin = [](const ProjectorOptions& options) -> std::unique_ptr<Applier> {
        return std::make_unique<MessagesApplier>(options);
      },
      .tables = message_tables,
      .digested = digested_messages,
      .sums = sums_of_messages,
      .comparisons = kMessageChecks,
      .count_account = count_messages,
      .forget_steps = forget_steps_of_messages(),
      .forget_account = forget_chat_account,
  };
  return messages;
}

}  // namespace linnet::observe
