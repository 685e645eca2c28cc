#include "observe/salience/occasion.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace linnet::salience {
namespace {

// Adds what a server's events earn, with the server's focus.
class Earner {
 public:
  Earner(const Settings& settings, std::string_view server, Occasion& occasion)
      : server_(server), focus_(settings.focus_of(server)), occasion_(occasion) {}

  void earn(std::string topic, Amount amount, std::string owner = {}, std::string beside = {}) {
    const auto earned = focus_ == kOne ? amount : scaled(amount, focus_);
    if (earned > 0)
      occasion_.earnings.push_back({std::move(topic), earned, std::move(owner), std::move(beside)});
  }
  [[nodiscard]] std::string user(std::string_view id) const { return topic_of(Category::user, server_, id); }
  [[nodiscard]] std::string channel(std::string_view id) const {
    return topic_of(Category::channel, server_, id);
  }
  void earn_dyad(std::string_view one, std::string_view other, Amount amount) {
    if (one.empty() || other.empty() || one == other) return;
    earn(dyad_of(server_, one, other), amount);
  }

 private:
  std::string_view server_;
  Amount focus_;
  Occasion& occasion_;
};

bool is_word_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

bool has_word(std::string_view text, std::string_view word) {
  for (auto at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
    const bool begins = at == 0 || !is_word_byte(text[at - 1]);
    const auto end = at + word.size();
    if (begins && (end == text.size() || !is_word_byte(text[end]))) return true;
  }
  return false;
}

}  // namespace

void add_message(const Settings& settings, const MessageFacts& facts, Occasion& occasion) {
  const auto& numbers = settings.numbers;
  Earner earner(settings, facts.server, occasion);
  const auto amount = facts.has_media_or_link ? scaled(numbers.message, numbers.with_media) : numbers.message;
  const bool has_author = !facts.author.empty();
  if (has_author) earner.earn(earner.user(facts.author), amount);
  if (!facts.channel.empty()) earner.earn(earner.channel(facts.channel), amount);
  if (!facts.thread.empty()) {
    earner.earn(topic_of(Category::thread, facts.server, facts.thread), amount,
                facts.channel.empty() ? std::string() : earner.channel(facts.channel));
  }
  if (has_author && !facts.channel.empty())
    earner.earn(user_in_channel_of(facts.server, facts.channel, facts.author), amount);
  if (has_author) {
    for (const auto role : facts.roles)
      earner.earn(topic_of(Category::role, facts.server, role), scaled(amount, numbers.role_share));
    for (const auto user : facts.mentioned) earner.earn(earner.user(user), numbers.mention);
    earner.earn_dyad(facts.author, facts.answered, numbers.reply);
    if (facts.mentions_self) earner.earn(topic_of(Category::self, {}, {}), numbers.self_mention);
    if (facts.names_self) earner.earn(topic_of(Category::self, {}, {}), numbers.self_name);
  }
}

void add_reaction(const Settings& settings, const ReactionFacts& facts, Occasion& occasion) {
  if (facts.reactor.empty()) return;
  const auto& numbers = settings.numbers;
  Earner earner(settings, facts.server, occasion);
  if (!facts.author.empty()) earner.earn(earner.user(facts.author), numbers.reaction);
  earner.earn(earner.user(facts.reactor), numbers.reaction);
  earner.earn_dyad(facts.author, facts.reactor, numbers.reaction);
  earner.earn(topic_of(Category::emoji, facts.server, facts.emoji), numbers.emoji, {},
              earner.user(facts.reactor));
}

void add_thread(const Settings& settings, std::string_view server, std::string_view channel,
                std::string_view thread, Occasion& occasion) {
  Earner earner(settings, server, occasion);
  earner.earn(topic_of(Category::thread, server, thread), settings.numbers.thread_created,
              channel.empty() ? std::string() : earner.channel(channel));
}

void add_post(const Settings& settings, const PostFacts& facts, Occasion& occasion) {
  const auto& numbers = settings.numbers;
  Earner earner(settings, facts.host, occasion);
  earner.earn(account_of(facts.host, facts.author),
              facts.has_media_or_link ? scaled(numbers.post, numbers.with_media) : numbers.post);
  for (const auto name : facts.hashtags) earner.earn(topic_of(Category::hashtag, {}, name), numbers.hashtag);
  if (!facts.answered.empty()) earner.earn(account_of(facts.host, facts.answered), numbers.post_reply);
}

void add_boost(const Settings& settings, std::string_view host, std::string_view boosted,
               Occasion& occasion) {
  Earner(settings, host, occasion).earn(account_of(host, boosted), settings.numbers.boost);
}

void add_direct_message(const Settings& settings, std::string_view user, Occasion& occasion) {
  Earner(settings, {}, occasion).earn(topic_of(Category::user, {}, user), settings.numbers.direct_message);
}

void add_subjects(const Settings& settings, std::string_view server, std::span<const NamedSubject> subjects,
                  Occasion& occasion) {
  const auto& numbers = settings.numbers;
  Earner earner(settings, server, occasion);
  auto left = numbers.subjects_a_run / kOne;
  for (const auto& subject : subjects) {
    const auto name = subject_name(subject.name);
    if (name.empty()) continue;
    if (left-- <= 0) return;
    const auto importance = std::clamp<Amount>(subject.importance, 0, kOne);
    earner.earn(topic_of(Category::subject, server, name),
                scaled(numbers.subject, numbers.subject_least + importance));
  }
}

bool says_name(const Settings& settings, std::string_view text) {
  if (settings.self_names.empty() || text.empty()) return false;
  const auto folded = comparable(text);
  return std::any_of(settings.self_names.begin(), settings.self_names.end(),
                     [&](const std::string& name) { return has_word(folded, name); });
}

}  // namespace linnet::salience
