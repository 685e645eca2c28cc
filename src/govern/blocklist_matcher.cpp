#include "govern/blocklist_matcher.hpp"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "govern/blocklist_forms.hpp"
#include "govern/blocklist_patterns.hpp"
#include "govern/exact_table.hpp"
#include "govern/keyword_automaton.hpp"

namespace linnet::govern {
namespace {

bool is_word_character(UChar32 c) {
  return u_isalnum(c) || c == '_' || (U_GET_GC_MASK(c) & U_GC_M_MASK) != 0;
}

// Whether no letter or digit stands right before `begin` or right after `end`.
bool is_whole_word(std::string_view text, std::size_t begin, std::size_t end) {
  const auto* const bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  const auto length = static_cast<std::int32_t>(text.size());
  UChar32 c = 0;
  if (begin > 0) {
    auto at = static_cast<std::int32_t>(begin);
    U8_PREV(bytes, 0, at, c);
    if (c >= 0 && is_word_character(c)) return false;
  }
  if (end < text.size()) {
    auto at = static_cast<std::int32_t>(end);
    U8_NEXT(bytes, at, length, c);
    if (c >= 0 && is_word_character(c)) return false;
  }
  return true;
}

// What an entry looks for. Made here once more, for the list may hold ids as a platform writes them, and
// entries of older versions.
std::string sought(const BlocklistEntry& entry) {
  if (entry.type == EntryType::user && entry.match == MatchType::exact) return user_key(entry.value);
  if (entry.type == EntryType::user) return user_form(entry.value);
  if (entry.type == EntryType::keyword) return word_form(entry.value);
  return entry.value;
}

}  // namespace

// What is looked for within texts.
struct WordTable {
  struct Word {
    std::size_t entry = 0;
    std::size_t size = 0;
    bool is_whole = false;  // counts only where no letter goes on before or behind
  };
  std::vector<std::string> texts;  // until the automaton is made
  std::vector<Word> words;
  std::unique_ptr<KeywordAutomaton> automaton;

  void add(std::string text, std::size_t entry, bool is_whole) {
    words.push_back({entry, text.size(), is_whole});
    texts.push_back(std::move(text));
  }
  void build() {
    automaton = std::make_unique<KeywordAutomaton>(texts);
    texts = {};
  }
};

struct BlocklistMatcher::Tables {
  std::vector<BlocklistEntry> entries;
  ExactTable users;
  ExactTable posts;
  ExactTable domains;
  // By type: what is looked for within names, post ids, texts, addresses.
  std::array<WordTable, 4> words;
  std::array<PatternTable, 4> patterns;

  void add(std::size_t number) {
    const auto& entry = entries[number];
    if (!entry.address.empty()) users.add(user_key(entry.address), static_cast<std::uint32_t>(number));
    if (!entry.server.empty()) {
      users.add(key_on_server(user_key(entry.value), entry.server), static_cast<std::uint32_t>(number));
      return;
    }
    const auto type = static_cast<std::size_t>(entry.type);
    if (entry.match == MatchType::regex) {
      patterns.at(type).add(entry.value, number);
      return;
    }
    auto value = sought(entry);
    if (value.empty()) return;
    if (entry.match == MatchType::contains || entry.type == EntryType::keyword) {
      words.at(type).add(std::move(value), number, entry.match == MatchType::exact);
      return;
    }
    auto& table = entry.type == EntryType::user ? users : entry.type == EntryType::post ? posts : domains;
    table.add(std::move(value), static_cast<std::uint32_t>(number));
  }

  void build() {
    for (std::size_t i = 0; i < entries.size(); ++i) add(i);
    for (auto* const table : {&users, &posts, &domains}) table->build();
    for (auto& table : words) table.build();
    for (auto& table : patterns) table.build();
  }
};

namespace {

// Walks everything of the subject past the tables; `found` gets the numbers of entries that fit, before
// platform and expiry are looked at, and ends the walk by returning true.
template <typename Tables, typename Found>
class Search {
 public:
  Search(const Tables& tables, Found& found) : tables_(tables), found_(found) {}

  void exact(const ExactTable& table, std::string_view key) {
    if (done_ || key.empty()) return;
    table.find(key, [&](std::uint32_t number) { return hit(number); });
  }

  void within(EntryType type, std::string_view text) {
    if (done_ || !has_words(type)) return;
    const auto& table = tables_.words.at(static_cast<std::size_t>(type));
    table.automaton->scan(text, [&](std::uint32_t number, std::size_t end) {
      const auto& word = table.words[number];
      return (!word.is_whole || is_whole_word(text, end - word.size, end)) && hit(word.entry);
    });
  }

  void patterns(EntryType type, std::string_view text) {
    const auto& table = tables_.patterns.at(static_cast<std::size_t>(type));
    if (done_ || table.empty()) return;
    for (const auto number : table.match(text)) {
      if (hit(number)) return;
    }
  }

  void user(std::string_view name) {
    if (has_words(EntryType::user)) within(EntryType::user, user_form(name));
    while (name.starts_with('@')) name.remove_prefix(1);
    patterns(EntryType::user, name);
  }

  // A domain and every one it is part of.
  void domain(std::string_view host) {
    within(EntryType::domain, host);
    patterns(EntryType::domain, host);
    // Up to the last dot: no entry is a whole top-level domain.
    for (auto dot = host.find('.'); !done_ && dot != std::string_view::npos; dot = host.find('.')) {
      exact(tables_.domains, host);
      host.remove_prefix(dot + 1);
    }
  }

 private:
  [[nodiscard]] bool has_words(EntryType type) const {
    return !tables_.words.at(static_cast<std::size_t>(type)).words.empty();
  }
  bool hit(std::size_t entry) {
    done_ = done_ || found_(entry);
    return done_;
  }

  const Tables& tables_;
  Found& found_;
  bool done_ = false;
};

template <typename Tables, typename Found>
void search(const Tables& tables, const BlockSubject& subject, Found&& found) {
  Search<Tables, std::remove_reference_t<Found>> walk(tables, found);
  const auto key = user_key(subject.user_name);
  const auto person = [&](std::string_view name, const std::string& form) {
    walk.exact(tables.users, form);
    walk.user(name);
    if (!subject.server.empty()) walk.exact(tables.users, key_on_server(form, subject.server));
  };
  person(subject.user_name, key);
  if (subject.user_id != subject.user_name) person(subject.user_id, user_key(subject.user_id));
  // Somebody of that very server is known there by the bare name as well.
  if (!subject.server.empty() && server_of(key) == subject.server) {
    const auto bare = std::string_view(key).substr(0, key.size() - subject.server.size() - 1);
    person(bare, std::string(bare));
  }
  walk.exact(tables.posts, subject.post_id);
  walk.within(EntryType::post, subject.post_id);
  walk.patterns(EntryType::post, subject.post_id);
  walk.domain(server_of(key));
  for (const auto& link : subject.links) walk.domain(host_of(link));
  for (const auto& text : subject.texts) {
    walk.within(EntryType::keyword, comparable(text));
    walk.patterns(EntryType::keyword, text);
  }
}

bool counts(const BlocklistEntry& entry, const BlockSubject& subject, Instant now) {
  if (!entry.platform.empty() && entry.platform != subject.platform) return false;
  return !entry.expires_at || *entry.expires_at > now;
}

}  // namespace

BlocklistMatcher::BlocklistMatcher(std::vector<BlocklistEntry> entries)
    : tables_(std::make_unique<Tables>()) {
  tables_->entries = std::move(entries);
  tables_->build();
}
BlocklistMatcher::~BlocklistMatcher() = default;

std::size_t BlocklistMatcher::size() const {
  return tables_->entries.size();
}

const BlocklistEntry* BlocklistMatcher::find(const BlockSubject& subject, Instant now) const {
  const BlocklistEntry* first = nullptr;
  search(*tables_, subject, [&](std::size_t number) {
    const auto& entry = tables_->entries[number];
    if (!counts(entry, subject, now)) return false;
    if (first == nullptr || entry.added_by == AddedBy::opt_out) first = &entry;
    return first->added_by == AddedBy::opt_out;
  });
  return first;
}

std::vector<const BlocklistEntry*> BlocklistMatcher::find_all(const BlockSubject& subject,
                                                              Instant now) const {
  std::vector<const BlocklistEntry*> all;
  search(*tables_, subject, [&](std::size_t number) {
    const auto& entry = tables_->entries[number];
    if (counts(entry, subject, now)) all.push_back(&entry);
    return false;
  });
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  std::stable_partition(all.begin(), all.end(),
                        [](const auto* entry) { return entry->added_by == AddedBy::opt_out; });
  return all;
}

}  // namespace linnet::govern
